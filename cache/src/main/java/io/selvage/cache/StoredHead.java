package io.selvage.cache;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What stands at the end of a stored response's file: all but its content. A file without it is not whole; newer fields
 * are written in its place.
 *
 * @param key what the response is found by
 * @param response the response; its content is on disk
 */
record StoredHead(CacheKey key, CachedResponse response) {
    /** Names the format and its version. */
    private static final long MAGIC = 0x53_4c_56_43_41_43_48_31L;

    /** The head's checksum and length, and {@link #MAGIC}. */
    private static final int TAIL = 16;

    private static final int MOST = 4 << 20;

    /** Writes it behind the content, and nothing else; the channel is at no matter which place. */
    void write(FileChannel channel) throws IOException {
        write(channel, CacheClock.RUN, 0);
    }

    /** The same as the process {@code run} would, whose clock on the wall is {@code ahead} milliseconds ahead of this one's. */
    void write(FileChannel channel, long run, long ahead) throws IOException {
        byte[] text = encode(run, ahead);
        CRC32C check = new CRC32C();
        check.update(text);
        ByteBuffer bytes = ByteBuffer.allocate(text.length + TAIL);
        bytes.put(text).putInt((int) check.getValue()).putInt(text.length).putLong(MAGIC);
        long at = Blocks.end(response.length());
        channel.truncate(at);
        Blocks.write(channel, bytes.flip(), at);
    }

    /** How many bytes a file with it takes. */
    long fileSize() {
        return Blocks.end(response.length()) + encode(CacheClock.RUN, 0).length + TAIL;
    }

    /**
     * Reads it.
     *
     * @throws DamagedException if it is none, or the file is not as long as it says
     */
    static StoredHead read(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < TAIL) {
            throw new DamagedException("it is too short");
        }
        ByteBuffer tail = Blocks.read(channel, size - TAIL, TAIL);
        int check = tail.getInt();
        int length = tail.getInt();
        if (tail.getLong() != MAGIC || length < 0 || length > Math.min(MOST, size - TAIL)) {
            throw new DamagedException("it does not end as a stored response does");
        }
        byte[] text = Blocks.read(channel, size - TAIL - length, length).array();
        CRC32C computed = new CRC32C();
        computed.update(text);
        if ((int) computed.getValue() != check) {
            throw new DamagedException("the checksum of its fields is wrong");
        }
        StoredHead head = decode(text);
        if (Blocks.end(head.response.length()) + length + TAIL != size) {
            throw new DamagedException("it is not as long as it should be");
        }
        return head;
    }

    private byte[] encode(long run, long ahead) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(response.id());
            texts(out, List.of(key.scheme(), key.authority(), key.target(), key.partition()));
            out.writeLong(response.length());
            out.writeInt(response.status());
            List<String> fields = new ArrayList<>();
            response.fields().forEach((name, value) -> fields.addAll(List.of(name, value)));
            texts(out, fields);
            List<String> selecting = new ArrayList<>();
            response.variant().selecting().forEach((name, value) -> selecting.addAll(List.of(name, value)));
            texts(out, selecting);
            CachedResponse.Arrival arrival = response.arrival();
            out.writeLong(run);
            out.writeLong(arrival.millis());
            out.writeLong(System.currentTimeMillis() - (CacheClock.millis() - arrival.millis()) + ahead);
            out.writeLong(arrival.second());
            out.writeLong(arrival.age());
            out.writeBoolean(response.isOutdated());
            texts(out, response.rules().targeted());
            CacheRules.Lifetime rule = response.policy().rule();
            for (OptionalLong time : List.of(
                    rule.edge(), rule.otherwise(), rule.browser(), rule.staleWhileRevalidate(), rule.staleIfError())) {
                out.writeLong(time.orElse(-1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * The time of arrival by {@link CacheClock} if it is this process's, else by the clock on the wall; then a response from
     * the future is outdated: nobody knows how old it is.
     */
    private static StoredHead decode(byte[] text) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(text))) {
            long id = in.readLong();
            List<String> parts = texts(in);
            CacheKey key = new CacheKey(parts.get(0), parts.get(1), parts.get(2), parts.get(3));
            Content content = new Content.OnDisk(in.readLong());
            int status = in.readInt();
            Headers fields = new Headers();
            List<String> lines = texts(in);
            for (int i = 0; i < lines.size(); i += 2) {
                fields.add(lines.get(i), lines.get(i + 1));
            }
            Map<String, String> selecting = new TreeMap<>();
            List<String> values = texts(in);
            for (int i = 0; i < values.size(); i += 2) {
                selecting.put(values.get(i), values.get(i + 1));
            }
            boolean sameRun = in.readLong() == CacheClock.RUN;
            long arrived = in.readLong();
            long wall = in.readLong();
            long resident = sameRun ? CacheClock.millis() - arrived : System.currentTimeMillis() - wall;
            CachedResponse.Arrival arrival = new CachedResponse.Arrival(
                    CacheClock.millis() - Math.max(0, resident), in.readLong(), in.readLong());
            boolean outdated = in.readBoolean() || resident < 0;
            CacheRules rules = rules(in);
            Variant variant = selecting.isEmpty() ? Variant.ONLY : new Variant(Map.copyOf(selecting));
            return new StoredHead(
                    key, CachedResponse.restored(status, fields, variant, content, id, arrival, rules, outdated));
        } catch (IndexOutOfBoundsException | IllegalArgumentException _) {
            throw new DamagedException("its fields cannot be read");
        }
    }

    private static CacheRules rules(DataInputStream in) throws IOException {
        List<String> targeted = texts(in);
        OptionalLong[] times = new OptionalLong[5];
        for (int i = 0; i < times.length; i++) {
            long time = in.readLong();
            times[i] = time < 0 ? OptionalLong.empty() : OptionalLong.of(time);
        }
        CacheRules.Lifetime rule =
                new CacheRules.Lifetime(List.of(), List.of(), times[0], times[1], times[2], times[3], times[4]);
        return new CacheRules(CacheRules.DEFAULT.key(), List.of(rule), targeted, List.of());
    }

    private static void texts(DataOutputStream out, List<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    private static List<String> texts(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
        }
        return texts;
    }
}
