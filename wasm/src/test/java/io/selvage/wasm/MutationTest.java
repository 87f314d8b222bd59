package io.selvage.wasm;

import static io.selvage.wasm.ModuleBuilder.everything;
import static io.selvage.wasm.ModuleBuilder.prefix;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damages a valid module in many ways: the decoder must refuse it in words, or take it, and soon. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class MutationTest {
    private static final int ROUNDS = 30_000;

    /** Answers whether the module is taken; anything but the three exceptions for bad modules fails the test. */
    private static boolean taken(byte[] binary) {
        try {
            ModuleData module = Decoder.decode(binary);
            for (ModuleData.Body body : module.bodies()) {
                BodyFormat.check(binary, body);
            }
            return true;
        } catch (MalformedException | InvalidException | UnsupportedException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("(at byte "), e.getMessage());
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("for " + HexFormat.of().formatHex(binary), e);
        }
    }

    /** The offsets at which a section begins, and the end: where a module may be cut. */
    private static List<Integer> boundaries(byte[] binary) {
        List<Integer> offsets = new ArrayList<>(List.of(8));
        for (ModuleSummary.Section section : ModuleSummary.of(binary).sections()) {
            offsets.add(section.offset() + section.length());
        }
        return offsets;
    }

    @Test
    void aModuleCutAnywhereButBetweenSectionsIsMalformed() {
        byte[] binary = everything();
        List<Integer> boundaries = boundaries(binary);
        for (int length = 0; length < binary.length; length++) {
            byte[] cut = prefix(binary, length);
            if (boundaries.contains(length)) {
                taken(cut);
            } else {
                assertThrows(MalformedException.class, () -> Decoder.decode(cut));
            }
        }
    }

    @Test
    void everyByteWithTellingValuesIsRefusedInWordsOrTaken() {
        byte[] binary = everything();
        byte[] values = ModuleBuilder.hex("00 01 02 03 05 0b 0e 10 40 63 6f 70 7b 7c 7d 7e 7f 80 fc fd ff");
        for (int offset = 0; offset < binary.length; offset++) {
            byte[] damaged = binary.clone();
            for (byte value : values) {
                damaged[offset] = value;
                taken(damaged);
            }
        }
    }

    @Test
    void randomDamageIsRefusedInWordsOrTaken() {
        Random random = new Random(20);
        byte[] binary = everything();
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = damage(binary, random);
            if (!taken(damaged)) {
                refused++;
            }
        }
        assertTrue(refused > ROUNDS / 2 && refused < ROUNDS, refused + " of " + ROUNDS + " refused");
    }

    /** A module with exceptions, several wide memories, typed references and objects. */
    private static byte[] newest() {
        return WebAssemblyText.parse("""
                (module
                  (rec
                    (type $list (sub (struct (field $next (mut (ref null $list))) (field i8))))
                    (type $long (sub $list (struct (field (mut (ref null $list))) (field i8) (field f64)))))
                  (type $bytes (array (mut i8)))
                  (type $call (func (param (ref null $list)) (result i32)))
                  (import "m" "m" (memory $a i64 1 9))
                  (import "m" "t" (tag $t (param i32 (ref null $list))))
                  (memory $b 1)
                  (table $f i64 3 (ref null $call))
                  (global $g (ref $bytes) (array.new_fixed $bytes 2 (i32.const 1) (i32.const 2)))
                  (elem $e (table $f) (i64.const 0) (ref null $call) (ref.func $one))
                  (data $d (memory $a) (i64.const 8) "data")
                  (func $one (type $call)
                    (block $all
                      (block $h (result i32 (ref null $list) exnref)
                        (try_table (result i32) (catch_ref $t $h) (catch_all $all)
                          (throw $t (i32.load $a offset=8 (i64.const 0)) (local.get 0)))
                        (return))
                      (throw_ref))
                    (i32.const 0))
                  (func (export "older") (param (ref $long)) (result i32) (local (ref $bytes))
                    (local.set 1 (array.new_data $bytes $d (i32.const 0) (i32.const 2)))
                    (try (result i32)
                      (do (try (do (call_ref $call (local.get 0) (ref.func $one)) (drop)) (delegate 0)) (i32.const 1))
                      (catch $t (drop) (drop) (struct.get_s $list 1 (local.get 0)))
                      (catch_all (rethrow 0))))
                  (func (param anyref) (result i32)
                    (block $b (result (ref $list))
                      (br_on_cast $b anyref (ref $list) (local.get 0))
                      (drop)
                      (return (array.len (ref.as_non_null (global.get $g)))))
                    (drop)
                    (memory.copy $b $a (i32.const 0) (i64.const 0) (i32.const 4))
                    (array.set $bytes (global.get $g) (i32.const 0) (i32.const 3))
                    (ref.eq (ref.i31 (i32.const 1)) (ref.null none)))
                  (func (param (ref null $call)) (result i32)
                    (return_call_ref $call (ref.null $list) (ref.as_non_null (local.get 0)))))
                """);
    }

    @Test
    void randomDamageOfTheNewestFeaturesIsRefusedInWordsOrTaken() {
        Random random = new Random(22);
        byte[] binary = newest();
        assertTrue(taken(binary));
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            if (!taken(damage(binary, random))) {
                refused++;
            }
        }
        assertTrue(refused > ROUNDS / 2 && refused < ROUNDS, refused + " of " + ROUNDS + " refused");
    }

    private static byte[] damage(byte[] binary, Random random) {
        byte[] damaged = binary;
        for (int times = 1 + random.nextInt(4); times > 0; times--) {
            int from = 8 + random.nextInt(damaged.length - 8);
            int to = Math.min(damaged.length, from + 1 + random.nextInt(6));
            damaged = switch (random.nextInt(4)) {
                case 0 -> flip(damaged, from, random);
                case 1 -> without(damaged, from, to);
                case 2 -> insert(damaged, from, randomBytes(random));
                default -> insert(damaged, from, Arrays.copyOfRange(damaged, from, to));
            };
        }
        return damaged;
    }

    private static byte[] flip(byte[] binary, int at, Random random) {
        byte[] flipped = binary.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        return flipped;
    }

    private static byte[] without(byte[] binary, int from, int to) {
        return ModuleBuilder.concat(prefix(binary, from), Arrays.copyOfRange(binary, to, binary.length));
    }

    private static byte[] insert(byte[] binary, int at, byte[] bytes) {
        return ModuleBuilder.concat(prefix(binary, at), bytes, Arrays.copyOfRange(binary, at, binary.length));
    }

    private static byte[] randomBytes(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(5)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Random instructions, so that the validator sees more than the neighbourhood of what is valid. */
    @Test
    void randomCodeIsRefusedInWordsOrTaken() {
        Random random = new Random(21);
        byte[] common = ModuleBuilder.hex("00 01 02 03 04 05 0b 0c 0d 0e 0f 10 11 12 13 1a 1b 1c 20 21 22 23 24 25 26"
                + "28 36 3f 40 41 42 45 6a 7c a7 c0 d0 d1 d2 fc 70 7f 40");
        int taken = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] code = new byte[random.nextInt(24)];
            for (int i = 0; i < code.length; i++) {
                code[i] = random.nextInt(3) == 0 ? (byte) random.nextInt(4) : common[random.nextInt(common.length)];
            }
            byte[] binary = new ModuleBuilder()
                    .section(ModuleBuilder.TYPE, "03 60 00 00 60 01 7f 01 7f 60 02 7f 7e 02 7f 7e")
                    .section(ModuleBuilder.FUNCTION, "03 00 01 02")
                    .section(ModuleBuilder.TABLE, "01 70 00 01")
                    .section(ModuleBuilder.MEMORY, "01 00 01")
                    .section(ModuleBuilder.GLOBAL, "01 7f 01 41 00 0b")
                    .section(ModuleBuilder.ELEMENT, "01 01 00 01 00")
                    .section(
                            ModuleBuilder.CODE,
                            ModuleBuilder.vector(
                                    ModuleBuilder.body(ModuleBuilder.hex("01 02 7f"), code),
                                    ModuleBuilder.body("20 00"),
                                    ModuleBuilder.body("20 00 20 01")))
                    .build();
            if (taken(binary)) {
                taken++;
            }
        }
        assertTrue(taken > 0, "some random code is valid");
    }
}
