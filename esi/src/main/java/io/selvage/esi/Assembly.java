package io.selvage.esi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One page while it is put together for one request: all its includes are on their way at once, and what is complete goes on in
 * the order of the page. Nothing goes on before the includes that must be there, among those that are known by then, have come; so
 * their failure can still be told. Belongs to one thread.
 */
public final class Assembly {
    /** Where the page goes. */
    public interface Output {
        /** The next bytes of the page, which nobody changes any more. */
        void write(byte[] bytes);

        /** The page is complete. */
        void end();

        /** There is no page, or no more of it. */
        void fail(PageFailure failure);
    }

    /** One place of the page: a text, an include, or an attempt, which has places of its own. */
    private static final class Slot {
        private final Line line;
        private final boolean continues;
        private List<byte[]> bytes = List.of();
        private boolean done;
        private @Nullable Line inner;
        private @Nullable Template fetched;
        private Runnable cancel = Assembly::nothing;

        Slot(Line line, boolean continues) {
            this.line = line;
            this.continues = continues;
        }

        /** Whether the page fails with it. */
        boolean decides() {
            return !continues && line.attempt == null;
        }
    }

    /** Places in their order: of the whole page, of an attempt, or of what stands in for it. */
    private static final class Line {
        private final @Nullable Slot attempt;
        private final Optional<List<Piece>> except;
        private final Deque<Slot> slots = new ArrayDeque<>();
        private int pending;
        private boolean filled;
        private boolean closed;

        Line(@Nullable Slot attempt, Optional<List<Piece>> except) {
            this.attempt = attempt;
            this.except = except;
        }
    }

    private final PageReader reader = new PageReader();
    private final Variables variables;
    private final Includes includes;
    private final Allowance allowance;
    private final Output output;
    private final Line page = new Line(null, Optional.empty());
    private int undecided;
    private int waiting;
    private boolean reading;
    private boolean begun;
    private boolean ended;
    private boolean over;

    /**
     * A page of which nothing has come yet.
     *
     * @param allowance shared by all pages that are put together for one request
     */
    public Assembly(Variables variables, Includes includes, Allowance allowance, Output output) {
        this.variables = variables;
        this.includes = includes;
        this.allowance = allowance;
        this.output = output;
    }

    /** Takes the next bytes of the page. */
    public void read(byte[] bytes) {
        add(() -> reader.read(bytes));
    }

    /** The page has come. */
    public void end() {
        ended = true;
        add(reader::end);
    }

    private void add(Supplier<List<Piece>> pieces) {
        if (over) {
            return;
        }
        reading = true;
        try {
            add(page, pieces.get());
        } catch (PageException e) {
            fail(e.failure());
        }
        reading = false;
        pump();
    }

    /** How many bytes wait for what stands before them. */
    public int waiting() {
        return waiting;
    }

    /** Whether it has ended or failed. */
    public boolean isOver() {
        return over;
    }

    /** What of the page is no ESI, as far as it has been read. */
    public List<Mistake> mistakes() {
        return reader.mistakes();
    }

    /** Lets everything fail that has not come: the time is up. */
    public void endTime() {
        allowance.endTime();
        if (!over) {
            pending(page).forEach(slot -> {
                if (isAwaited(slot)) {
                    slot.cancel.run();
                    settle(slot, new Includes.Failed(allowance.tooLate()));
                }
            });
            pump();
        }
    }

    /** Nobody wants the page any more. */
    public void cancel() {
        over = true;
        pending(page).forEach(slot -> slot.cancel.run());
    }

    /** The includes that have not come. */
    private static List<Slot> pending(Line line) {
        List<Slot> all = new ArrayList<>();
        for (Slot slot : line.slots) {
            Line inner = slot.inner;
            if (inner != null) {
                all.addAll(pending(inner));
            } else if (!slot.done) {
                all.add(slot);
            }
        }
        return all;
    }

    private void add(Line line, List<Piece> pieces) {
        for (Piece piece : pieces) {
            if (over || line.closed) {
                return;
            }
            switch (piece) {
                case Piece.Text text -> add(line, text.bytes());
                case Piece.Value value -> value(line, variables.html(value.reference()));
                case Piece.Include include -> include(line, include);
                case Piece.Choice choice -> add(line, chosen(choice));
                case Piece.Attempt attempt -> attempt(line, attempt);
            }
        }
    }

    private List<Piece> chosen(Piece.Choice choice) {
        return choice.whens().stream()
                .filter(when -> when.test().holds(variables))
                .findFirst()
                .map(Piece.When::pieces)
                .orElse(choice.otherwise());
    }

    private void value(Line line, String html) {
        byte[] bytes = html.getBytes(StandardCharsets.ISO_8859_1);
        if (!allowance.takeBytes(bytes.length)) {
            fail(allowance.tooLarge());
        } else {
            add(line, bytes);
        }
    }

    private void add(Line line, byte[] bytes) {
        Slot slot = new Slot(line, true);
        slot.bytes = List.of(bytes);
        slot.done = true;
        line.slots.add(slot);
        waiting += bytes.length;
    }

    /** A place that is filled later; what may fail the page is counted until it is decided. */
    private Slot pending(Line line, boolean continues) {
        Slot slot = new Slot(line, continues);
        line.slots.add(slot);
        line.pending++;
        undecided += slot.decides() ? 1 : 0;
        return slot;
    }

    private void attempt(Line line, Piece.Attempt attempt) {
        Slot slot = pending(line, false);
        fill(new Line(slot, Optional.of(attempt.except())), slot, attempt.attempt());
    }

    private void fill(Line inner, Slot slot, List<Piece> pieces) {
        slot.inner = inner;
        add(inner, pieces);
        inner.filled = true;
        completeAttempt(inner);
    }

    private void completeAttempt(Line line) {
        Slot attempt = line.attempt;
        if (attempt != null && line.filled && !line.closed && line.pending == 0) {
            complete(attempt);
        }
    }

    private void complete(Slot slot) {
        slot.done = true;
        slot.line.pending--;
        undecided -= slot.decides() ? 1 : 0;
        completeAttempt(slot.line);
    }

    private void include(Line line, Piece.Include include) {
        Slot slot = pending(line, include.continues());
        fetch(slot, include.source(), result -> {
            if (result instanceof Includes.Failed && include.alternative().isPresent() && !allowance.isTimeUp()) {
                fetch(slot, include.alternative().get(), other -> settle(slot, other));
            } else {
                settle(slot, result);
            }
        });
    }

    private void fetch(Slot slot, Template url, Includes.Waiting then) {
        slot.fetched = url;
        if (allowance.isTimeUp()) {
            then.done(new Includes.Failed(allowance.tooLate()));
        } else if (!allowance.takeInclude()) {
            then.done(new Includes.Failed(allowance.tooMany()));
        } else {
            Runnable cancel = includes.fetch(url.url(variables), result -> {
                if (isAwaited(slot)) {
                    then.done(result);
                    pump();
                }
            });
            if (slot.fetched == url && isAwaited(slot)) {
                slot.cancel = cancel;
            }
        }
    }

    /** Whether an include has not come, and is not in an attempt that has failed meanwhile. */
    private boolean isAwaited(Slot slot) {
        boolean awaited = !over && !slot.done;
        Line line = slot.line;
        while (awaited && line.attempt != null) {
            awaited = !line.closed;
            line = line.attempt.line;
        }
        return awaited;
    }

    private void settle(Slot slot, Includes.Result result) {
        slot.cancel = Assembly::nothing;
        switch (result) {
            case Includes.Content content -> {
                slot.bytes = content.parts();
                slot.bytes.forEach(part -> waiting += part.length);
                complete(slot);
            }
            case Includes.Failed _ when slot.continues -> complete(slot);
            case Includes.Failed failed -> fail(slot.line, failed.failure());
        }
    }

    /** What must be there is not: what stands in for the attempt takes its place, or the page fails. */
    private void fail(Line line, PageFailure failure) {
        Slot attempt = line.attempt;
        if (attempt == null) {
            fail(failure);
            return;
        }
        line.closed = true;
        pending(line).forEach(slot -> slot.cancel.run());
        waiting -= held(line);
        if (line.except.isEmpty()) {
            fail(attempt.line, failure);
        } else {
            fill(new Line(attempt, Optional.empty()), attempt, line.except.get());
        }
    }

    private static void nothing() {}

    private static int held(Line line) {
        int held = 0;
        for (Slot slot : line.slots) {
            held += slot.bytes.stream().mapToInt(part -> part.length).sum();
            held += slot.inner == null || slot.inner.closed ? 0 : held(slot.inner);
        }
        return held;
    }

    private void fail(PageFailure failure) {
        if (!over) {
            cancel();
            output.fail(failure);
        }
    }

    /** Lets go on what nothing stands before any more. */
    private void pump() {
        if (over || reading || (!begun && undecided > 0)) {
            return;
        }
        Slot next = page.slots.peek();
        while (next != null && next.done) {
            begun = true;
            write(next);
            page.slots.remove();
            next = page.slots.peek();
        }
        if (ended && next == null) {
            over = true;
            output.end();
        }
    }

    private void write(Slot slot) {
        Line inner = slot.inner;
        if (inner != null) {
            inner.slots.forEach(this::write);
        }
        for (byte[] part : slot.bytes) {
            waiting -= part.length;
            if (part.length > 0) {
                output.write(part);
            }
        }
    }
}
