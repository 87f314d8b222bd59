package io.selvage.wasm;

import static io.selvage.wasm.ClassAssembler.ACC_FINAL;
import static io.selvage.wasm.ClassAssembler.ACC_PUBLIC;
import static io.selvage.wasm.ClassAssembler.ACC_SUPER;

import io.selvage.wasm.internal.InstanceState;
import java.util.ArrayList;
import java.util.List;

/** Writes a module's class {@code State}, the {@link InstanceState} that has its globals in fields. */
final class StateCode {
    private final ModuleCode names;
    private final ModuleData module;

    StateCode(ModuleCode names) {
        this.names = names;
        module = names.module();
    }

    /** The class file. */
    byte[] write() {
        ClassAssembler target =
                new ClassAssembler(ACC_PUBLIC | ACC_FINAL | ACC_SUPER, GuestNames.STATE, GuestNames.STATE_BASE);
        List<Integer> numbers = new ArrayList<>();
        List<Integer> references = new ArrayList<>();
        for (int i = 0; i < module.globals().size(); i++) {
            if (names.hasField(i)) {
                char type = globalType(i);
                target.field(ACC_PUBLIC, "g" + i, ValueCode.descriptor(type));
                (Signature.isNumber(type) ? numbers : references).add(i);
            }
        }
        CodeAssembler constructor = names.code(target, "S");
        constructor
                .load('L', 0)
                .invokeSpecial(GuestNames.STATE_BASE, "<init>", "()V")
                .ret('V');
        constructor.stack(1);
        target.method(ACC_PUBLIC, "<init>", "()V", constructor);
        setter(target, numbers, references);
        getter(target, numbers, "globalBits", "(I)J");
        getter(target, references, "globalReference", "(I)Ljava/lang/Object;");
        return target.toBytes();
    }

    private char globalType(int global) {
        return Signature.character(module.globals().get(global).type());
    }

    private void setter(ClassAssembler target, List<Integer> numbers, List<Integer> references) {
        CodeAssembler code = names.code(target, "SIJL");
        List<Integer> all = new ArrayList<>(numbers);
        all.addAll(references);
        all.sort(null);
        List<CodeAssembler.Label> labels = CodeAssembler.labels(all.size());
        CodeAssembler.Label otherwise = new CodeAssembler.Label();
        code.load('I', 1);
        code.lookupSwitch(all.stream().mapToInt(i -> i).toArray(), labels, otherwise);
        for (int i = 0; i < all.size(); i++) {
            char type = globalType(all.get(i));
            code.bind(labels.get(i), "SIJL", "");
            code.load('L', 0);
            if (!Signature.isNumber(type)) {
                code.load('L', 4);
                ValueCode.unbox(code, type);
            } else {
                code.load('J', 2);
                ValueCode.fromBits(code, type);
            }
            code.putField(GuestNames.STATE, "g" + all.get(i), ValueCode.descriptor(type));
            code.ret('V');
        }
        code.bind(otherwise, "SIJL", "");
        code.ret('V');
        code.stack(4);
        target.method(ACC_PUBLIC | ACC_FINAL, "setGlobal", "(IJLjava/lang/Object;)V", code);
    }

    private void getter(ClassAssembler target, List<Integer> globals, String name, String descriptor) {
        CodeAssembler code = names.code(target, "SI");
        List<CodeAssembler.Label> labels = CodeAssembler.labels(globals.size());
        CodeAssembler.Label otherwise = new CodeAssembler.Label();
        char result = descriptor.endsWith("J") ? 'J' : 'L';
        code.load('I', 1);
        code.lookupSwitch(globals.stream().mapToInt(i -> i).toArray(), labels, otherwise);
        for (int i = 0; i < globals.size(); i++) {
            char type = globalType(globals.get(i));
            code.bind(labels.get(i), "SI", "");
            code.load('L', 0).getField(GuestNames.STATE, "g" + globals.get(i), ValueCode.descriptor(type));
            if (result == 'J') {
                ValueCode.toBits(code, type);
            } else {
                ValueCode.box(code, type);
            }
            code.ret(result);
        }
        code.bind(otherwise, "SI", "");
        code.zero(result).ret(result);
        code.stack(4);
        target.method(ACC_PUBLIC | ACC_FINAL, name, descriptor, code);
    }
}
