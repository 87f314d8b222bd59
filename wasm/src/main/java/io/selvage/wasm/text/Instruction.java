package io.selvage.wasm.text;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An instruction by its name in the text format (core spec §6.5), with its opcode (§5.4).
 *
 * @param prefix the byte before the opcode, or 0
 * @param alignment the binary logarithm of the natural alignment in bytes, if it has a memory argument
 */
record Instruction(String name, int prefix, int opcode, Immediates immediates, int alignment) {
    private static final Map<String, Instruction> BY_NAME = HashMap.newHashMap(1024);

    /**
     * In the order of the opcodes; a dash stands for an opcode that has no name. After a colon stand the immediates,
     * after a slash the alignment of the memory argument, after a hash mark that a lane follows.
     */
    private static final String PLAIN = """
            unreachable nop block:structured loop:structured if:structured else:structured try:structured
            catch:structured throw:tag rethrow:label throw_ref end:structured br:label br_if:label br_table:labels
            return call:function call_indirect:call_indirect return_call:function
            return_call_indirect:call_indirect call_ref:type return_call_ref:type - - delegate:structured
            catch_all:structured drop select:select - - - try_table:structured local.get:local local.set:local
            local.tee:local global.get:global global.set:global table.get:table table.set:table - i32.load/2
            i64.load/3 f32.load/2 f64.load/3 i32.load8_s/0 i32.load8_u/0 i32.load16_s/1 i32.load16_u/1
            i64.load8_s/0 i64.load8_u/0 i64.load16_s/1 i64.load16_u/1 i64.load32_s/2 i64.load32_u/2 i32.store/2
            i64.store/3 f32.store/2 f64.store/3 i32.store8/0 i32.store16/1 i64.store8/0 i64.store16/1
            i64.store32/2 memory.size:memory memory.grow:memory i32.const:i32 i64.const:i64 f32.const:f32
            f64.const:f64 i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s
            i32.ge_u i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s
            i64.ge_u f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge i32.clz
            i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or
            i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr i64.clz i64.ctz i64.popcnt i64.add i64.sub
            i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u
            i64.rotl i64.rotr f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt f32.add f32.sub
            f32.mul f32.div f32.min f32.max f32.copysign f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest
            f64.sqrt f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign i32.wrap_i64 i32.trunc_f32_s
            i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s
            i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s
            f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s
            f64.convert_i64_u f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32
            f64.reinterpret_i64 i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s - - - -
            - - - - - - - ref.null:heap_type ref.is_null ref.func:function ref.eq ref.as_non_null
            br_on_null:label br_on_non_null:label
            """;

    private static final String AGGREGATE = """
            struct.new:type struct.new_default:type struct.get:field struct.get_s:field struct.get_u:field
            struct.set:field array.new:type array.new_default:type array.new_fixed:type_count
            array.new_data:type_data array.new_elem:type_element array.get:type array.get_s:type array.get_u:type
            array.set:type array.len array.fill:type array.copy:type_type array.init_data:type_data
            array.init_elem:type_element ref.test:reference_type - ref.cast:reference_type - br_on_cast:cast_label
            br_on_cast_fail:cast_label any.convert_extern extern.convert_any ref.i31 i31.get_s i31.get_u -
            struct.new_desc:type struct.new_default_desc:type ref.get_desc:type ref.cast_desc_eq:reference_type -
            br_on_cast_desc_eq:cast_label br_on_cast_desc_eq_fail:cast_label
            """;

    private static final String MISCELLANEOUS = """
            i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u i64.trunc_sat_f32_s
            i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u memory.init:memory_init data.drop:data
            memory.copy:memory_copy memory.fill:memory table.init:table_init elem.drop:element
            table.copy:table_copy table.grow:table table.size:table table.fill:table - i64.add128 i64.sub128
            i64.mul_wide_s i64.mul_wide_u
            """;

    private static final String VECTOR = """
            v128.load/4 v128.load8x8_s/3 v128.load8x8_u/3 v128.load16x4_s/3 v128.load16x4_u/3 v128.load32x2_s/3
            v128.load32x2_u/3 v128.load8_splat/0 v128.load16_splat/1 v128.load32_splat/2 v128.load64_splat/3
            v128.store/4 v128.const:v128 i8x16.shuffle:shuffle i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat
            i64x2.splat f32x4.splat f64x2.splat i8x16.extract_lane_s# i8x16.extract_lane_u# i8x16.replace_lane#
            i16x8.extract_lane_s# i16x8.extract_lane_u# i16x8.replace_lane# i32x4.extract_lane#
            i32x4.replace_lane# i64x2.extract_lane# i64x2.replace_lane# f32x4.extract_lane# f32x4.replace_lane#
            f64x2.extract_lane# f64x2.replace_lane# i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u
            i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s
            i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u
            i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u f32x4.eq f32x4.ne f32x4.lt f32x4.gt
            f32x4.le f32x4.ge f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge v128.not v128.and v128.andnot
            v128.or v128.xor v128.bitselect v128.any_true v128.load8_lane/0# v128.load16_lane/1#
            v128.load32_lane/2# v128.load64_lane/3# v128.store8_lane/0# v128.store16_lane/1# v128.store32_lane/2#
            v128.store64_lane/3# v128.load32_zero/2 v128.load64_zero/3 f32x4.demote_f64x2_zero
            f64x2.promote_low_f32x4 i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask
            i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest i8x16.shl
            i8x16.shr_s i8x16.shr_u i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s
            i8x16.sub_sat_u f64x2.ceil f64x2.floor i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u f64x2.trunc
            i8x16.avgr_u i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u
            i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u i16x8.abs i16x8.neg i16x8.q15mulr_sat_s
            i16x8.all_true i16x8.bitmask i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u i16x8.extend_low_i8x16_s
            i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u i16x8.shl i16x8.shr_s
            i16x8.shr_u i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u
            f64x2.nearest i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u - i16x8.avgr_u
            i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u
            i32x4.abs i32x4.neg - i32x4.all_true i32x4.bitmask - - i32x4.extend_low_i16x8_s
            i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u i32x4.shl i32x4.shr_s
            i32x4.shr_u i32x4.add - - i32x4.sub - - - i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u
            i32x4.dot_i16x8_s - i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u
            i32x4.extmul_high_i16x8_u i64x2.abs i64x2.neg - i64x2.all_true i64x2.bitmask - -
            i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u
            i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add - - i64x2.sub - - - i64x2.mul i64x2.eq i64x2.ne
            i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s
            i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u f32x4.abs f32x4.neg - f32x4.sqrt f32x4.add
            f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax f64x2.abs f64x2.neg -
            f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax
            i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u
            i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s
            f64x2.convert_low_i32x4_u i8x16.relaxed_swizzle i32x4.relaxed_trunc_f32x4_s
            i32x4.relaxed_trunc_f32x4_u i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero
            f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd
            i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect
            f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max i16x8.relaxed_q15mulr_s
            i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s
            """;

    /** The widths of an atomic access in the order of its opcodes. */
    private static final String[] ATOMIC_ACCESS = {
        "i32.atomic.%s/2",
        "i64.atomic.%s/3",
        "i32.atomic.%s8%s/0",
        "i32.atomic.%s16%s/1",
        "i64.atomic.%s8%s/0",
        "i64.atomic.%s16%s/1",
        "i64.atomic.%s32%s/2"
    };

    static {
        table(0, 0, PLAIN);
        table(0xfb, 0, AGGREGATE);
        table(0xfc, 0, MISCELLANEOUS);
        table(0xfd, 0, VECTOR);
        table(0xfe, 0, "memory.atomic.notify/2 memory.atomic.wait32/2 memory.atomic.wait64/3 atomic.fence:zero");
        atomics();
    }

    private static void table(int prefix, int first, String names) {
        int opcode = first;
        for (String name : names.strip().split("\\s+")) {
            if (!name.equals("-")) {
                Instruction instruction = of(prefix, opcode, name);
                BY_NAME.put(instruction.name, instruction);
            }
            opcode++;
        }
    }

    private static Instruction of(int prefix, int opcode, String entry) {
        int colon = entry.indexOf(':');
        if (colon > 0) {
            Immediates immediates =
                    Immediates.valueOf(entry.substring(colon + 1).toUpperCase(Locale.ROOT));
            return new Instruction(entry.substring(0, colon), prefix, opcode, immediates, 0);
        }
        boolean lane = entry.endsWith("#");
        String name = lane ? entry.substring(0, entry.length() - 1) : entry;
        int slash = name.indexOf('/');
        if (slash < 0) {
            return new Instruction(name, prefix, opcode, lane ? Immediates.LANE : Immediates.NONE, 0);
        }
        Immediates immediates = lane ? Immediates.MEMORY_ARGUMENT_LANE : Immediates.MEMORY_ARGUMENT;
        return new Instruction(name.substring(0, slash), prefix, opcode, immediates, name.charAt(slash + 1) - '0');
    }

    private static void atomics() {
        int opcode = 0x10;
        for (String operation : "load store rmw.add rmw.sub rmw.and rmw.or rmw.xor rmw.xchg rmw.cmpxchg".split(" ")) {
            int dot = operation.indexOf('.');
            String access = dot < 0 ? operation : "rmw";
            String suffix = dot < 0 ? "" : operation.substring(dot);
            String extension = operation.equals("store") ? "" : "_u";
            for (String pattern : ATOMIC_ACCESS) {
                boolean narrow = !pattern.contains(".%s/");
                String name = String.format(pattern, access, suffix + (narrow ? extension : ""));
                if (!narrow) {
                    name = name.replace("/", suffix + "/");
                }
                table(0xfe, opcode++, name);
            }
        }
    }

    /** The instruction of this name, or {@code null}. */
    static @Nullable Instruction named(String name) {
        return BY_NAME.get(name);
    }
}
