package io.selvage.cache;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A content of which not all is stored, in memory. Immutable.
 *
 * @param pieces what is stored of it, in order; between two of them something is missing
 * @param length how many bytes the whole has
 */
public record Partial(List<Piece> pieces, long length) implements Content {
    /** The most pieces; past that, the smallest is let go. */
    static final int MOST_PIECES = 64;

    /** Up to which length two neighbouring parts are made one, since each of them is sent for itself, bytes. */
    private static final int SEAM = 32 << 10;

    /**
     * Bytes that follow each other.
     *
     * @param from the place of the first one in the whole
     * @param parts the bytes in parts, which nobody changes
     * @param length how many they are
     */
    public record Piece(long from, List<byte[]> parts, long length) {
        static Piece of(long from, List<byte[]> parts) {
            return new Piece(
                    from,
                    List.copyOf(parts),
                    parts.stream().mapToLong(part -> part.length).sum());
        }

        /** The byte after the last one. */
        public long to() {
            return from + length;
        }

        /** Its bytes and those of another that begins in it or right behind it, or the other way round. */
        private Piece and(Piece other) {
            if (other.from < from) {
                return other.and(this);
            }
            return other.to() <= to() ? this : of(from, joined(parts, other.without(to() - other.from)));
        }

        private List<byte[]> without(long first) {
            List<byte[]> left = new ArrayList<>();
            long skipped = first;
            for (byte[] part : parts) {
                int skip = (int) Math.min(skipped, part.length);
                skipped -= skip;
                if (skip < part.length) {
                    left.add(skip == 0 ? part : java.util.Arrays.copyOfRange(part, skip, part.length));
                }
            }
            return left;
        }

        private static List<byte[]> joined(List<byte[]> first, List<byte[]> second) {
            List<byte[]> all = new ArrayList<>(first);
            byte[] last = all.getLast();
            byte[] next = second.getFirst();
            if (last.length + next.length <= SEAM) {
                byte[] both = java.util.Arrays.copyOf(last, last.length + next.length);
                System.arraycopy(next, 0, both, last.length, next.length);
                all.set(all.size() - 1, both);
                all.addAll(second.subList(1, second.size()));
            } else {
                all.addAll(second);
            }
            return all;
        }

        /** What lies between two bytes of the whole, both of which it has. */
        private List<ByteBuffer> slices(long first, long end) {
            List<ByteBuffer> slices = new ArrayList<>();
            long at = from;
            for (byte[] part : parts) {
                int begin = Math.clamp(first - at, 0, part.length);
                int until = Math.clamp(end - at, 0, part.length);
                if (begin < until) {
                    slices.add(ByteBuffer.wrap(part, begin, until - begin).slice());
                }
                at += part.length;
            }
            return slices;
        }
    }

    /** One piece, whose bytes are not empty. */
    static Partial of(ContentRange range, List<byte[]> parts) {
        return new Partial(List.of(Piece.of(range.from(), parts)), range.complete());
    }

    /** With the pieces of another content that has the same bytes. */
    Partial and(Partial other) {
        List<Piece> all = new ArrayList<>(pieces);
        other.pieces.forEach(piece -> add(all, piece));
        while (all.size() > MOST_PIECES) {
            all.remove(java.util.Collections.min(all, Comparator.comparingLong(Piece::length)));
        }
        return new Partial(List.copyOf(all), length);
    }

    private static void add(List<Piece> all, Piece added) {
        Piece piece = added;
        int index = 0;
        while (index < all.size()) {
            Piece old = all.get(index);
            if (old.from() > piece.to()) {
                break;
            }
            if (old.to() < piece.from()) {
                index++;
            } else {
                piece = all.remove(index).and(piece);
            }
        }
        all.add(index, piece);
    }

    /** How many bytes are stored. */
    @Override
    public long held() {
        return pieces.stream().mapToLong(Piece::length).sum();
    }

    /** Whether nothing is missing. */
    boolean isWhole() {
        return pieces.size() == 1 && pieces.getFirst().length() == length;
    }

    /** The piece that has all from the byte {@code from} to the one before {@code to}. */
    public Optional<Piece> piece(long from, long to) {
        return pieces.stream()
                .filter(piece -> piece.from() <= from && piece.to() >= to)
                .findFirst();
    }

    /** Whether what is stored is enough for what a request selects of the whole. */
    public boolean has(Selection selection) {
        return switch (selection.status()) {
            case 304, 416 -> true;
            case 206 -> piece(selection.from(), selection.to()).isPresent();
            default -> false;
        };
    }

    /** What is stored from a byte on without a gap, but not beyond {@code to}. */
    List<ByteBuffer> startingAt(long from, long to) {
        return pieces.stream()
                .filter(piece -> piece.from() <= from && from < piece.to())
                .findFirst()
                .map(piece -> piece.slices(from, to))
                .orElse(List.of());
    }

    /** What of the bytes between the two is missing, with what lies between the missing ones. */
    ContentRange missing(long from, long to) {
        long first = from;
        long end = to;
        for (Piece piece : pieces) {
            if (piece.from() <= first && first < piece.to()) {
                first = piece.to();
            }
            if (piece.from() < end && end <= piece.to()) {
                end = piece.from();
            }
        }
        return new ContentRange(Math.max(first, from), Math.min(end, to), length);
    }

    /** What is stored, for people: {@code 0-4, 10-19/100}. */
    @Override
    public String toString() {
        return pieces.stream()
                        .map(piece -> piece.from() + "-" + (piece.to() - 1))
                        .collect(Collectors.joining(", ")) + "/" + length;
    }
}
