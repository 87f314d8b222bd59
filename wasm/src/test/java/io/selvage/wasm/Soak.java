package io.selvage.wasm;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Loads, runs and drops modules for as long as one likes and looks whether anything of them stays; {@code wasm/soak.sh}
 * starts it. Every module is another one, with function types that have not been before.
 *
 * <p>The rule: after a warm-up of a fifth of the time, the mean of the last quarter of the figures may be above the mean of
 * the first quarter by a tenth and {@value #SLACK_MIB} MiB, {@value #SLACK_CLASSES} classes and {@value #SLACK_THREADS}
 * threads, no more.
 */
final class Soak {
    private static final int SLACK_MIB = 4;
    private static final int SLACK_CLASSES = 200;
    private static final int SLACK_THREADS = 1;
    private static final double SLACK_SHARE = 1.1;

    /** What is there after a garbage collection. */
    record Figures(long second, int modules, double heapMib, double metaspaceMib, int classes, int threads) {
        static Figures now(long second, int modules) {
            // The first collection finds what is unused, the second what was only kept by it.
            System.gc();
            System.gc();
            double metaspace = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getName().equals("Metaspace"))
                    .mapToLong(Soak::used)
                    .sum();
            return new Figures(
                    second,
                    modules,
                    mib(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()),
                    mib(metaspace),
                    ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
                    ManagementFactory.getThreadMXBean().getThreadCount());
        }

        private static double mib(double bytes) {
            return bytes / (1 << 20);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%4d s: %6d modules, heap %.1f MiB, metaspace %.1f MiB, %d classes, %d threads",
                    second,
                    modules,
                    heapMib,
                    metaspaceMib,
                    classes,
                    threads);
        }
    }

    private final List<Figures> figures = new ArrayList<>();

    private static long used(MemoryPoolMXBean pool) {
        return pool.getUsage().getUsed();
    }

    /**
     * Runs.
     *
     * @param arguments {@code --minutes N --every SECONDS}
     */
    public static void main(String[] arguments) {
        double minutes = 10;
        int every = 10;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--minutes" -> minutes = Double.parseDouble(arguments[i + 1]);
                case "--every" -> every = Integer.parseInt(arguments[i + 1]);
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
        }
        Soak soak = new Soak();
        soak.run(Duration.ofSeconds((long) (minutes * 60)), every);
        System.exit(soak.judge() ? 0 : 1);
    }

    private void run(Duration time, int every) {
        long start = System.nanoTime();
        int modules = 0;
        for (long second = every; second <= time.toSeconds(); second += every) {
            while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(second)) {
                // Odd seeds only: those of multiples of eight are Binaryen's in the fuzz test.
                Transcript.of(RandomModule.of(2L * modules++ + 1));
            }
            Figures now = Figures.now(second, modules);
            System.out.println(now);
            figures.add(now);
        }
    }

    private boolean judge() {
        List<Figures> warm = figures.subList(figures.size() / 5, figures.size());
        int quarter = Math.max(1, warm.size() / 4);
        List<Figures> first = warm.subList(0, quarter);
        List<Figures> last = warm.subList(warm.size() - quarter, warm.size());
        boolean flat = true;
        flat &= isFlat("heap, MiB", first, last, Figures::heapMib, SLACK_MIB);
        flat &= isFlat("metaspace, MiB", first, last, Figures::metaspaceMib, SLACK_MIB);
        flat &= isFlat("classes", first, last, Figures::classes, SLACK_CLASSES);
        flat &= isFlat("threads", first, last, Figures::threads, SLACK_THREADS);
        System.out.println(flat ? "flat" : "NOT FLAT");
        return flat;
    }

    private static boolean isFlat(
            String what,
            List<Figures> first,
            List<Figures> last,
            java.util.function.ToDoubleFunction<Figures> figure,
            int slack) {
        double before = first.stream().mapToDouble(figure).average().orElse(0);
        double after = last.stream().mapToDouble(figure).average().orElse(0);
        System.out.printf(Locale.ROOT, "%s: %.1f in the first quarter, %.1f in the last%n", what, before, after);
        return after <= before * SLACK_SHARE + slack;
    }
}
