package io.selvage.cli;

import io.selvage.wasm.GuestStack;
import io.selvage.wasm.Module;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Samples what a guest's thread does while it runs, by the JVM's flight recorder, which sees compiled code as it is and
 * not just at its safepoints.
 */
final class GuestProfiler implements AutoCloseable {
    /** The time between two samples, in milliseconds. */
    static final long PERIOD_MILLIS = 2;

    /** The recorder's own default is 64 frames; recursive guests need more. */
    private static final int STACK_DEPTH = 1_024;

    private static final List<String> SAMPLES = List.of("jdk.ExecutionSample", "jdk.NativeMethodSample");

    /** What lies between a guest and a function of the host, or does instructions for a guest: not shown. */
    private static final List<String> PLUMBING =
            List.of("selvage.guest.", "java.", "jdk.internal.", "io.selvage.wasm.internal.");

    private final String thread;
    private final Recording recording = new Recording();

    /** Starts to sample the thread of this name. */
    GuestProfiler(String thread) {
        this.thread = thread;
        deepStacks();
        for (String event : SAMPLES) {
            recording.enable(event).withPeriod(Duration.ofMillis(PERIOD_MILLIS));
        }
        recording.start();
    }

    /** Without it, the graph would only be less deep. */
    private static void deepStacks() {
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "jfrConfigure",
                            new Object[] {new String[] {"stackdepth=" + STACK_DEPTH}},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            System.getLogger(GuestProfiler.class.getName())
                    .log(System.Logger.Level.DEBUG, "stacks are not deeper than usual", e);
        }
    }

    /** Ends sampling and answers what was seen. */
    FlameGraph stop(Module module) throws IOException {
        recording.stop();
        Path file = Files.createTempFile("selvage-profile", ".jfr");
        FlameGraph graph = new FlameGraph();
        try {
            recording.dump(file);
            GuestStack names = new GuestStack(module);
            try (RecordingFile events = new RecordingFile(file)) {
                while (events.hasMoreEvents()) {
                    add(events.readEvent(), names, graph);
                }
            }
        } finally {
            Files.deleteIfExists(file);
        }
        return graph;
    }

    private void add(RecordedEvent event, GuestStack names, FlameGraph graph) {
        if (!SAMPLES.contains(event.getEventType().getName())
                || event.getStackTrace() == null
                || event.getThread("sampledThread") == null
                || !thread.equals(event.getThread("sampledThread").getJavaName())) {
            return;
        }
        graph.add(stack(event.getStackTrace().getFrames(), names));
    }

    /** The guest's functions and its calls of the host, the outermost first. */
    private static List<String> stack(List<RecordedFrame> frames, GuestStack names) {
        List<String> stack = new ArrayList<>();
        boolean inGuest = false;
        String called = "";
        for (int i = frames.size() - 1; i >= 0; i--) {
            RecordedFrame frame = frames.get(i);
            String type = frame.getMethod().getType().getName();
            Optional<String> guest = names.functionName(type, frame.getMethod().getName(), frame.getLineNumber());
            if (guest.isPresent()) {
                if (!called.isEmpty()) {
                    stack.add(called);
                }
                called = "";
                stack.add(Demangler.demangle(guest.get()));
                inGuest = true;
            } else if (inGuest && called.isEmpty() && PLUMBING.stream().noneMatch(type::startsWith)) {
                called = host(type, frame.getMethod().getName());
            }
        }
        if (!called.isEmpty()) {
            stack.add(called);
        }
        return stack.isEmpty() ? List.of("[engine] around the guest") : Collections.unmodifiableList(stack);
    }

    private static String host(String type, String method) {
        String name = type.substring(type.lastIndexOf('.') + 1) + "." + method;
        if (!type.startsWith("io.selvage.wasm.")) {
            return "host " + name;
        }
        return type.endsWith("ModuleCode") ? "[engine] compile" : "[engine] " + name;
    }

    @Override
    public void close() {
        recording.close();
    }
}
