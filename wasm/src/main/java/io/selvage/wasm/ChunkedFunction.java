package io.selvage.wasm;

import static io.selvage.wasm.ClassAssembler.ACC_FINAL;
import static io.selvage.wasm.ClassAssembler.ACC_PUBLIC;
import static io.selvage.wasm.ClassAssembler.ACC_STATIC;
import static io.selvage.wasm.ClassAssembler.ACC_SUPER;

import io.selvage.wasm.internal.Ops;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compiles a function whose body is too large for one JVM method: its chunks, the class of the frame that they share,
 * and the method that makes the frame and calls one chunk after the other.
 */
final class ChunkedFunction {
    private static final String OPS = Ops.class.getName().replace('.', '/');

    /** How many bytes of WebAssembly a chunk of a very large function has at first. */
    private static final int CHUNK_BYTES = 2_048;

    /** How many chunks a function has at first, at most: the method that calls them has a place for each. */
    private static final int MOST_CHUNKS = 1_200;

    /**
     * Set to a number, every function is cut after about so many bytes of WebAssembly, large or not: how the cutting is
     * tested.
     */
    private static final int FORCED_CHUNK_BYTES = Integer.getInteger("io.selvage.wasm.chunkBytes", 0);

    /** Smaller chunks than this are not tried, since so many would take long. */
    private static final int MINIMUM_CHUNK_BYTES = 64;

    /** A body up to here is cut as often as it has to be: a call of two bytes can move a thousand values. */
    private static final int SMALL_BODY_BYTES = 8_192;

    private final ModuleCode code;
    private final int function;
    private final Signature signature;
    private final String frame;

    ChunkedFunction(ModuleCode code, int function) {
        this.code = code;
        this.function = function;
        signature = code.signature(code.module().functionTypes()[function]);
        frame = code.frameClass(function);
    }

    /** How many bytes of WebAssembly a chunk has at first. */
    static int chunkBytes() {
        return isForced() ? FORCED_CHUNK_BYTES : CHUNK_BYTES;
    }

    /** Whether functions are cut that would fit in one method. */
    static boolean isForced() {
        return FORCED_CHUNK_BYTES > 0;
    }

    /** What one attempt has made. */
    private final class Attempt implements ChunkSink {
        private final Map<String, ClassAssembler> classes = new LinkedHashMap<>();
        private final Map<String, String> fields = new LinkedHashMap<>();
        private int wide;

        @Override
        public ClassAssembler next(int chunk) {
            return classes.computeIfAbsent(
                    code.chunkClass(function, chunk),
                    name -> new ClassAssembler(ACC_PUBLIC | ACC_FINAL | ACC_SUPER, name, "java/lang/Object"));
        }

        @Override
        public void finish(int chunk, CodeAssembler method) {
            ClassAssembler owner = method.owner();
            owner.method(ACC_PUBLIC | ACC_STATIC, "c" + chunk, chunkDescriptor(), method);
            if (!owner.fits()) {
                throw new MethodTooLargeException();
            }
        }

        @Override
        public void frameField(String name, String descriptor) {
            fields.put(name, descriptor);
        }

        @Override
        public void wideLocals(int length) {
            wide = Math.max(wide, length);
        }
    }

    private String chunkDescriptor() {
        return "(IL" + frame + ";L" + GuestNames.STATE + ";)I";
    }

    /** The method of the function itself, to be put into {@code target}. */
    CodeAssembler compile(ClassAssembler target) {
        ModuleData.Body body =
                code.module().bodies().get(function - code.module().importedFunctions());
        int length = body.end() - body.start();
        int first = Math.max(chunkBytes(), length / MOST_CHUNKS);
        int smallest = length <= SMALL_BODY_BYTES ? 1 : Math.min(first, MINIMUM_CHUNK_BYTES);
        for (int bytes = first; bytes >= smallest; bytes /= 2) {
            FunctionLayout layout = FunctionLayout.chunked(code.module(), function, bytes);
            Attempt attempt = new Attempt();
            try {
                FunctionCompiler.compileChunks(code, function, layout, attempt);
                CodeAssembler driver = driver(target, layout, attempt);
                if (driver.length() <= CodeAssembler.MAXIMUM_LENGTH) {
                    attempt.classes.values().forEach(code::keep);
                    code.keep(frameClass(attempt));
                    return driver;
                }
            } catch (MethodTooLargeException _) {
                // Smaller chunks may fit.
            }
        }
        throw new UnsupportedException("function " + function + " is too large to be compiled", body.start());
    }

    private ClassAssembler frameClass(Attempt attempt) {
        ClassAssembler target = new ClassAssembler(ACC_PUBLIC | ACC_FINAL | ACC_SUPER, frame, "java/lang/Object");
        attempt.fields.forEach((name, descriptor) -> target.field(ACC_PUBLIC, name, descriptor));
        target.field(ACC_PUBLIC, "wide", "[J");
        target.field(ACC_PUBLIC, "wideReferences", "[Ljava/lang/Object;");
        CodeAssembler constructor = code.code(target, "L").reference('R', frame);
        constructor
                .load('L', 0)
                .invokeSpecial("java/lang/Object", "<init>", "()V")
                .ret('V');
        constructor.stack(1);
        target.method(ACC_PUBLIC, "<init>", "()V", constructor);
        return target;
    }

    private CodeAssembler driver(ClassAssembler target, FunctionLayout layout, Attempt attempt) {
        CodeAssembler driver =
                code.code(target, signature.jvmParameters() + "S").reference('R', frame);
        int state = CodeAssembler.slots(signature.jvmParameters());
        int frameSlot = state + 1;
        driver.stack(12);
        driver.line(1);
        driver.newObject(frame)
                .op(CodeAssembler.DUP)
                .invokeSpecial(frame, "<init>", "()V")
                .store('L', frameSlot);
        if (attempt.wide > 0) {
            driver.load('L', frameSlot).constant(attempt.wide).newLongArray().putField(frame, "wide", "[J");
            driver.load('L', frameSlot).constant(attempt.wide).newObjectArray();
            driver.putField(frame, "wideReferences", "[Ljava/lang/Object;");
        }
        parameters(driver, frameSlot, attempt);
        vectors(driver, frameSlot, attempt);
        loop(driver, layout, state, frameSlot);
        results(driver, frameSlot, attempt);
        return driver;
    }

    private void parameters(CodeAssembler driver, int frameSlot, Attempt attempt) {
        int slot = 0;
        for (int i = 0; i < signature.parameters().length(); i++) {
            char type = signature.parameters().charAt(i);
            String descriptor = ValueCode.descriptor(type);
            attempt.frameField("l" + i, descriptor);
            driver.load('L', frameSlot);
            if (signature.boxed()) {
                driver.load('L', 0).constant(i).op(CodeAssembler.AALOAD);
                ValueCode.unbox(driver, type);
            } else {
                driver.load(type, slot);
                slot += CodeAssembler.width(type);
            }
            driver.putField(frame, "l" + i, descriptor);
        }
    }

    /** Zeroes those locals for which the JVM's zero is another. */
    private void vectors(CodeAssembler driver, int frameSlot, Attempt attempt) {
        int body = function - code.module().importedFunctions();
        String types = Locals.types(signature, code.module().bodies().get(body).locals());
        for (int i = types.indexOf('Q', signature.parameters().length()); i >= 0; i = types.indexOf('Q', i + 1)) {
            if (attempt.fields.containsKey("l" + i)) {
                driver.load('L', frameSlot);
                ValueCode.zero(driver, 'Q');
                driver.putField(frame, "l" + i, ValueCode.descriptor('Q'));
            }
        }
    }

    private void loop(CodeAssembler driver, FunctionLayout layout, int state, int frameSlot) {
        int next = frameSlot + 1;
        int fuel = next + 1;
        String locals = signature.jvmParameters() + "SRII";
        driver.constant(0).store('I', next).constant(1).store('I', fuel);
        CodeAssembler.Label again = new CodeAssembler.Label();
        CodeAssembler.Label go = new CodeAssembler.Label();
        CodeAssembler.Label done = new CodeAssembler.Label();
        driver.bindBackward(again, locals, "");
        driver.increment(fuel, -1).load('I', fuel).jump(CodeAssembler.IFGT, go);
        driver.load('L', state)
                .invokeStatic(OPS, "poll", "(L" + GuestNames.STATE_BASE + ";)I")
                .store('I', fuel);
        driver.bind(go, locals, "");
        driver.load('I', next).constant(16).op(CodeAssembler.IUSHR);
        List<CodeAssembler.Label> labels = CodeAssembler.labels(layout.chunks());
        driver.tableSwitch(0, labels, done);
        for (int i = 0; i < layout.chunks(); i++) {
            driver.bind(labels.get(i), locals, "");
            driver.load('I', next)
                    .constant(0xffff)
                    .op(CodeAssembler.IAND)
                    .load('L', frameSlot)
                    .load('L', state);
            driver.invokeStatic(code.chunkClass(function, i), "c" + i, chunkDescriptor())
                    .store('I', next);
            driver.jump(CodeAssembler.GOTO, again);
        }
        driver.bind(done, locals, "");
    }

    private void results(CodeAssembler driver, int frameSlot, Attempt attempt) {
        String results = signature.results();
        if (results.length() > 1) {
            driver.constant(results.length());
            if (signature.packsNumbers()) {
                driver.newLongArray();
            } else {
                driver.newObjectArray();
            }
        }
        for (int i = 0; i < results.length(); i++) {
            char type = results.charAt(i);
            attempt.frameField("r" + i, ValueCode.descriptor(type));
            if (results.length() > 1) {
                driver.op(CodeAssembler.DUP).constant(i);
            }
            driver.load('L', frameSlot).getField(frame, "r" + i, ValueCode.descriptor(type));
            if (results.length() > 1) {
                store(driver, type);
            }
        }
        driver.ret(signature.resultCharacter());
    }

    private void store(CodeAssembler driver, char type) {
        if (signature.packsNumbers()) {
            ValueCode.toBits(driver, type);
            driver.op(CodeAssembler.LASTORE);
        } else {
            ValueCode.box(driver, type);
            driver.op(CodeAssembler.AASTORE);
        }
    }
}
