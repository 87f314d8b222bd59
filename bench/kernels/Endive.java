import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.StringJoiner;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.Instance;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;

/** Another peer of the kernels benchmark, by the same commands as v8.mjs: Endive's compiler to JVM code. */
class Endive {
    private String file = "";
    private int n;
    private long checksum;
    private ExportFunction run = _ -> new long[1];

    public static void main(String[] args) throws IOException {
        Endive endive = new Endive();
        System.out.println("Endive " + System.getProperty("endive.version") + " on JDK " + Runtime.version());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            System.out.println(words[0].equals("load") ? endive.load(words) : endive.run(Long.parseLong(words[1])));
        }
    }

    private String load(String[] words) {
        long start = System.nanoTime();
        file = words[1];
        n = Integer.parseInt(words[2]);
        checksum = Long.parseUnsignedLong(words[3], 16);
        WasmModule module = Parser.parse(new File(file));
        run = Instance.builder(module)
                .withMachineFactory(MachineFactoryCompiler.compile(module))
                .build()
                .export("run");
        call();
        return Long.toString(System.nanoTime() - start);
    }

    private String run(long nanos) {
        StringJoiner times = new StringJoiner(" ");
        long begin = System.nanoTime();
        long before = begin;
        do {
            call();
            long now = System.nanoTime();
            times.add(Long.toString(now - before));
            before = now;
        } while (before - begin < nanos);
        return times.toString();
    }

    private void call() {
        long answer = run.apply(n)[0];
        if (answer != checksum) {
            System.err.printf("%s: run(%d) is %016x in Endive%n", file, n, answer);
            System.exit(1);
        }
    }
}
