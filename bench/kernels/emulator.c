/*
 * A MOS 6502: its 151 instructions are the cases of one switch, a function larger than HotSpot compiles as one method. It
 * counts the primes below 8,192 by a sieve, sorts the low bytes of some, and multiplies and hashes them, n times.
 */
#include "kernel.h"

static u8 memory[65536];

/* ---- the processor ---- */

enum flag { CARRY = 1, ZERO = 2, INTERRUPT = 4, DECIMAL = 8, BREAK = 16, UNUSED = 32, OVERFLOW = 64, NEGATIVE = 128 };

#define BYTE memory[(u16)pc++]
#define WORD(at) (memory[(u16)(at)] | memory[(u16)((at) + 1)] << 8)
#define WORD_OF_PAGE_0(at) (memory[(u8)(at)] | memory[(u8)((at) + 1)] << 8)

/* Where the operand is; every mode leaves the program counter behind the instruction. */
#define IMMEDIATE (at = (u16)pc++)
#define PAGE_0 (at = BYTE)
#define PAGE_0_X (at = (u8)(BYTE + x))
#define PAGE_0_Y (at = (u8)(BYTE + y))
#define ABSOLUTE (at = WORD(pc), pc += 2)
#define ABSOLUTE_X (at = (u16)(WORD(pc) + x), pc += 2)
#define ABSOLUTE_Y (at = (u16)(WORD(pc) + y), pc += 2)
#define INDIRECT_X (at = (u8)(BYTE + x), at = WORD_OF_PAGE_0(at))
#define INDIRECT_Y (at = BYTE, at = (u16)(WORD_OF_PAGE_0(at) + y))

#define SHOW(value) (zero = negative = (u8)(value))
#define PUSH(value) (memory[256 + s] = (u8)(value), s--)
#define PULL (s++, memory[256 + s])
#define FLAGS (carry | (zero ? 0 : ZERO) | (negative & NEGATIVE) | overflow | other | UNUSED)
#define SET_FLAGS(value)                                                                                       \
    do {                                                                                                       \
        u32 flags = (value);                                                                                   \
        carry = flags & CARRY;                                                                                 \
        overflow = flags & OVERFLOW;                                                                           \
        other = flags & (INTERRUPT | DECIMAL);                                                                 \
        zero = ~flags & ZERO;                                                                                  \
        negative = flags;                                                                                      \
    } while (0)

#define ADD(with)                                                                                              \
    do {                                                                                                       \
        u32 operand = (with), sum = a + operand + carry;                                                       \
        overflow = (~(a ^ operand) & (a ^ sum) & 0x80) >> 1;                                                   \
        carry = sum >> 8;                                                                                      \
        SHOW(a = (u8)sum);                                                                                     \
    } while (0)
#define COMPARE(with)                                                                                          \
    do {                                                                                                       \
        u32 one = (with), operand = memory[at];                                                                \
        carry = one >= operand;                                                                                \
        SHOW(one - operand);                                                                                   \
    } while (0)

#define TEST (negative = memory[at], overflow = negative & OVERFLOW, zero = negative & a)

#define ON(opcode, mode, ...)                                                                                  \
    case opcode:                                                                                               \
        mode;                                                                                                  \
        __VA_ARGS__;                                                                                           \
        break;
#define EIGHT_MODES(opcode, ...)                                                                               \
    ON(opcode + 0x01, INDIRECT_X, __VA_ARGS__)                                                                 \
    ON(opcode + 0x05, PAGE_0, __VA_ARGS__)                                                                     \
    ON(opcode + 0x09, IMMEDIATE, __VA_ARGS__)                                                                  \
    ON(opcode + 0x0d, ABSOLUTE, __VA_ARGS__)                                                                   \
    ON(opcode + 0x11, INDIRECT_Y, __VA_ARGS__)                                                                 \
    ON(opcode + 0x15, PAGE_0_X, __VA_ARGS__)                                                                   \
    ON(opcode + 0x19, ABSOLUTE_Y, __VA_ARGS__)                                                                 \
    ON(opcode + 0x1d, ABSOLUTE_X, __VA_ARGS__)
#define SHIFT(opcode, what)                                                                                    \
    ON(opcode + 0x06, PAGE_0, what(memory[at]))                                                                \
    ON(opcode + 0x0a, , what(a))                                                                               \
    ON(opcode + 0x0e, ABSOLUTE, what(memory[at]))                                                              \
    ON(opcode + 0x16, PAGE_0_X, what(memory[at]))                                                              \
    ON(opcode + 0x1e, ABSOLUTE_X, what(memory[at]))
#define SHIFT_LEFT(place) (bits = place, carry = bits >> 7, place = (u8)SHOW(bits << 1))
#define ROTATE_LEFT(place) (bits = place << 1 | carry, carry = bits >> 8, place = (u8)SHOW(bits))
#define SHIFT_RIGHT(place) (bits = place, carry = bits & 1, place = (u8)SHOW(bits >> 1))
#define ROTATE_RIGHT(place) (bits = place | carry << 8, carry = bits & 1, place = (u8)SHOW(bits >> 1))
#define STEP(opcode, by)                                                                                       \
    ON(opcode + 0x06, PAGE_0, SHOW(memory[at] += (by)))                                                        \
    ON(opcode + 0x0e, ABSOLUTE, SHOW(memory[at] += (by)))                                                      \
    ON(opcode + 0x16, PAGE_0_X, SHOW(memory[at] += (by)))                                                      \
    ON(opcode + 0x1e, ABSOLUTE_X, SHOW(memory[at] += (by)))
#define BRANCH(opcode, condition) ON(opcode, at = BYTE, pc += (condition) ? (u32)(signed char)at : 0)

/* Runs from an address to the first BRK; how many instructions that took. */
static NOINLINE u32 execute(u32 pc) {
    u32 a = 0, x = 0, y = 0, carry = 0, overflow = 0, other = 0, zero = 1, negative = 0, at = 0, bits = 0;
    u8 s = 0xff;
    for (u32 count = 1;; count++) {
        switch (BYTE) {
            EIGHT_MODES(0x00, SHOW(a |= memory[at]))
            EIGHT_MODES(0x20, SHOW(a &= memory[at]))
            EIGHT_MODES(0x40, SHOW(a ^= memory[at]))
            EIGHT_MODES(0x60, ADD(memory[at]))
            EIGHT_MODES(0xa0, SHOW(a = memory[at]))
            EIGHT_MODES(0xc0, COMPARE(a))
            EIGHT_MODES(0xe0, ADD(memory[at] ^ 0xffu))
            SHIFT(0x00, SHIFT_LEFT)
            SHIFT(0x20, ROTATE_LEFT)
            SHIFT(0x40, SHIFT_RIGHT)
            SHIFT(0x60, ROTATE_RIGHT)
            STEP(0xc0, -1)
            STEP(0xe0, 1)
            ON(0x81, INDIRECT_X, memory[at] = (u8)a)
            ON(0x85, PAGE_0, memory[at] = (u8)a)
            ON(0x8d, ABSOLUTE, memory[at] = (u8)a)
            ON(0x91, INDIRECT_Y, memory[at] = (u8)a)
            ON(0x95, PAGE_0_X, memory[at] = (u8)a)
            ON(0x99, ABSOLUTE_Y, memory[at] = (u8)a)
            ON(0x9d, ABSOLUTE_X, memory[at] = (u8)a)
            ON(0x86, PAGE_0, memory[at] = (u8)x)
            ON(0x8e, ABSOLUTE, memory[at] = (u8)x)
            ON(0x96, PAGE_0_Y, memory[at] = (u8)x)
            ON(0x84, PAGE_0, memory[at] = (u8)y)
            ON(0x8c, ABSOLUTE, memory[at] = (u8)y)
            ON(0x94, PAGE_0_X, memory[at] = (u8)y)
            ON(0xa2, IMMEDIATE, SHOW(x = memory[at]))
            ON(0xa6, PAGE_0, SHOW(x = memory[at]))
            ON(0xae, ABSOLUTE, SHOW(x = memory[at]))
            ON(0xb6, PAGE_0_Y, SHOW(x = memory[at]))
            ON(0xbe, ABSOLUTE_Y, SHOW(x = memory[at]))
            ON(0xa0, IMMEDIATE, SHOW(y = memory[at]))
            ON(0xa4, PAGE_0, SHOW(y = memory[at]))
            ON(0xac, ABSOLUTE, SHOW(y = memory[at]))
            ON(0xb4, PAGE_0_X, SHOW(y = memory[at]))
            ON(0xbc, ABSOLUTE_X, SHOW(y = memory[at]))
            ON(0xe0, IMMEDIATE, COMPARE(x))
            ON(0xe4, PAGE_0, COMPARE(x))
            ON(0xec, ABSOLUTE, COMPARE(x))
            ON(0xc0, IMMEDIATE, COMPARE(y))
            ON(0xc4, PAGE_0, COMPARE(y))
            ON(0xcc, ABSOLUTE, COMPARE(y))
            ON(0x24, PAGE_0, TEST)
            ON(0x2c, ABSOLUTE, TEST)
            BRANCH(0x10, !(negative & NEGATIVE))
            BRANCH(0x30, negative & NEGATIVE)
            BRANCH(0x50, !overflow)
            BRANCH(0x70, overflow)
            BRANCH(0x90, !carry)
            BRANCH(0xb0, carry)
            BRANCH(0xd0, zero)
            BRANCH(0xf0, !zero)
            ON(0x18, , carry = 0)
            ON(0x38, , carry = 1)
            ON(0x58, , other &= ~(u32)INTERRUPT)
            ON(0x78, , other |= INTERRUPT)
            ON(0xb8, , overflow = 0)
            ON(0xd8, , other &= ~(u32)DECIMAL)
            ON(0xf8, , other |= DECIMAL)
            ON(0x88, , SHOW(y = (u8)(y - 1)))
            ON(0x8a, , SHOW(a = x))
            ON(0x98, , SHOW(a = y))
            ON(0x9a, , s = (u8)x)
            ON(0xa8, , SHOW(y = a))
            ON(0xaa, , SHOW(x = a))
            ON(0xba, , SHOW(x = s))
            ON(0xc8, , SHOW(y = (u8)(y + 1)))
            ON(0xca, , SHOW(x = (u8)(x - 1)))
            ON(0xe8, , SHOW(x = (u8)(x + 1)))
            ON(0xea, , (void)0)
            ON(0x08, , PUSH(FLAGS | BREAK))
            ON(0x28, , SET_FLAGS(PULL))
            ON(0x48, , PUSH(a))
            ON(0x68, , SHOW(a = PULL))
            ON(0x4c, ABSOLUTE, pc = at)
            ON(0x6c, ABSOLUTE, pc = WORD(at))
            ON(0x20, ABSOLUTE, (PUSH((pc - 1) >> 8), PUSH(pc - 1), pc = at))
            ON(0x60, , (pc = PULL, pc |= (u32)PULL << 8, pc++))
            case 0x40: SET_FLAGS(PULL); pc = PULL; pc |= (u32)PULL << 8; break;
            default: return count; /* BRK, and what is no instruction */
        }
    }
}

/* ---- its program ---- */

enum { PROGRAM = 0x0400, TABLE = 0x0800, FLAGS_OF_NUMBERS = 0x2000, PAGES = 0x20 };
enum place {
    POINTER = 0x10,
    STRIDE = 0x12,
    NUMBER = 0x14,
    FOUND = 0x16,
    FACTOR = 0x18,
    PRODUCT = 0x1a,
    HASH = 0x1c,
    SWAPPED = 0x1e
};
enum label {
    CLEAR, CLEAR_PAGE, SIEVE, CROSS_OUT, NEXT_NUMBER, TAKE, PASS, PAIR, IN_ORDER, HASH_ALL, HASH_BIT, NO_FEEDBACK,
    MULTIPLY, ADD_SHIFTED, NO_ADDEND, LABELS
};

static u32 end;
static u32 labels[LABELS];
static struct {
    u32 at;
    enum label label;
    int relative;
} uses[32];
static u32 use_count;

static void op(u32 opcode) {
    memory[end++] = (u8)opcode;
}

static void op1(u32 opcode, u32 operand) {
    op(opcode);
    op(operand);
}

static void op2(u32 opcode, u32 operand) {
    op1(opcode, operand & 0xff);
    op(operand >> 8);
}

static void here(enum label label) {
    labels[label] = end;
}

static void branch(u32 opcode, enum label label) {
    uses[use_count].at = end + 1;
    uses[use_count].relative = 1;
    uses[use_count++].label = label;
    op1(opcode, 0);
}

static void jump(u32 opcode, enum label label) {
    uses[use_count].at = end + 1;
    uses[use_count].relative = 0;
    uses[use_count++].label = label;
    op2(opcode, 0);
}

static void assemble(void) {
    end = PROGRAM;
    use_count = 0;
    /* every number may be a prime: 1 from $2000 to $3fff */
    op1(0xa9, 0);                       /* LDA #0 */
    op1(0x85, POINTER);                 /* STA POINTER */
    op1(0x85, FOUND);                   /* STA FOUND */
    op1(0x85, FOUND + 1);               /* STA FOUND+1 */
    op1(0xa9, FLAGS_OF_NUMBERS >> 8);   /* LDA #$20 */
    op1(0x85, POINTER + 1);             /* STA POINTER+1 */
    op1(0xa2, PAGES);                   /* LDX #PAGES */
    here(CLEAR);
    op1(0xa0, 0);                       /* LDY #0 */
    op1(0xa9, 1);                       /* LDA #1 */
    here(CLEAR_PAGE);
    op1(0x91, POINTER);                 /* STA (POINTER),Y */
    op(0xc8);                           /* INY */
    branch(0xd0, CLEAR_PAGE);           /* BNE */
    op1(0xe6, POINTER + 1);             /* INC POINTER+1 */
    op(0xca);                           /* DEX */
    branch(0xd0, CLEAR);                /* BNE */
    /* the sieve, from 2 */
    op1(0xa9, 2);                       /* LDA #2 */
    op1(0x85, NUMBER);                  /* STA NUMBER */
    op1(0xa9, FLAGS_OF_NUMBERS >> 8);   /* LDA #$20 */
    op1(0x85, NUMBER + 1);              /* STA NUMBER+1, as an address */
    here(SIEVE);
    op1(0xa0, 0);                       /* LDY #0 */
    op1(0xb1, NUMBER);                  /* LDA (NUMBER),Y */
    branch(0xf0, NEXT_NUMBER);          /* BEQ */
    op1(0xe6, FOUND);                   /* INC FOUND */
    branch(0xd0, TAKE);                 /* BNE */
    op1(0xe6, FOUND + 1);               /* INC FOUND+1 */
    here(TAKE);
    op1(0xa5, NUMBER);                  /* LDA NUMBER */
    op1(0xa6, FOUND);                   /* LDX FOUND */
    op2(0x9d, TABLE);                   /* STA TABLE,X: the low bytes of the last 256 */
    op1(0x85, STRIDE);                  /* STA STRIDE */
    op1(0x85, POINTER);                 /* STA POINTER */
    op1(0xa5, NUMBER + 1);              /* LDA NUMBER+1 */
    op1(0x85, POINTER + 1);             /* STA POINTER+1 */
    op(0x38);                           /* SEC */
    op1(0xe9, FLAGS_OF_NUMBERS >> 8);   /* SBC #$20 */
    op1(0x85, STRIDE + 1);              /* STA STRIDE+1 */
    here(CROSS_OUT);
    op(0x18);                           /* CLC */
    op1(0xa5, POINTER);                 /* LDA POINTER */
    op1(0x65, STRIDE);                  /* ADC STRIDE */
    op1(0x85, POINTER);                 /* STA POINTER */
    op1(0xa5, POINTER + 1);             /* LDA POINTER+1 */
    op1(0x65, STRIDE + 1);              /* ADC STRIDE+1 */
    op1(0x85, POINTER + 1);             /* STA POINTER+1 */
    op1(0xc9, (FLAGS_OF_NUMBERS >> 8) + PAGES); /* CMP #$40 */
    branch(0xb0, NEXT_NUMBER);          /* BCS */
    op1(0xa9, 0);                       /* LDA #0 */
    op1(0x91, POINTER);                 /* STA (POINTER),Y */
    branch(0xf0, CROSS_OUT);            /* BEQ, always */
    here(NEXT_NUMBER);
    op1(0xe6, NUMBER);                  /* INC NUMBER */
    branch(0xd0, SIEVE);                /* BNE */
    op1(0xe6, NUMBER + 1);              /* INC NUMBER+1 */
    op1(0xa5, NUMBER + 1);              /* LDA NUMBER+1 */
    op1(0xc9, (FLAGS_OF_NUMBERS >> 8) + PAGES); /* CMP #$40 */
    branch(0xd0, SIEVE);                /* BNE */
    /* sorts the first 128 bytes of the table by swapping neighbours */
    here(PASS);
    op1(0xa9, 0);                       /* LDA #0 */
    op1(0x85, SWAPPED);                 /* STA SWAPPED */
    op1(0xa2, 126);                     /* LDX #126 */
    here(PAIR);
    op2(0xbd, TABLE);                   /* LDA TABLE,X */
    op2(0xdd, TABLE + 1);               /* CMP TABLE+1,X */
    branch(0x90, IN_ORDER);             /* BCC */
    branch(0xf0, IN_ORDER);             /* BEQ */
    op(0x48);                           /* PHA */
    op2(0xbd, TABLE + 1);               /* LDA TABLE+1,X */
    op2(0x9d, TABLE);                   /* STA TABLE,X */
    op(0x68);                           /* PLA */
    op2(0x9d, TABLE + 1);               /* STA TABLE+1,X */
    op1(0xe6, SWAPPED);                 /* INC SWAPPED */
    here(IN_ORDER);
    op(0xca);                           /* DEX */
    branch(0x10, PAIR);                 /* BPL */
    op1(0xa5, SWAPPED);                 /* LDA SWAPPED */
    branch(0xd0, PASS);                 /* BNE */
    /* a CRC of 16 bits of the table, each byte multiplied by its place first */
    op1(0xa9, 0xff);                    /* LDA #$ff */
    op1(0x85, HASH);                    /* STA HASH */
    op1(0x85, HASH + 1);                /* STA HASH+1 */
    op1(0xa2, 0);                       /* LDX #0 */
    here(HASH_ALL);
    op2(0xbd, TABLE);                   /* LDA TABLE,X */
    op1(0x86, FACTOR);                  /* STX FACTOR */
    jump(0x20, MULTIPLY);               /* JSR */
    op1(0x45, PRODUCT);                 /* EOR PRODUCT */
    op1(0x45, HASH + 1);                /* EOR HASH+1 */
    op1(0x85, HASH + 1);                /* STA HASH+1 */
    op1(0xa0, 8);                       /* LDY #8 */
    here(HASH_BIT);
    op1(0x06, HASH);                    /* ASL HASH */
    op1(0x26, HASH + 1);                /* ROL HASH+1 */
    branch(0x90, NO_FEEDBACK);          /* BCC */
    op1(0xa5, HASH);                    /* LDA HASH */
    op1(0x49, 0x21);                    /* EOR #$21 */
    op1(0x85, HASH);                    /* STA HASH */
    op1(0xa5, HASH + 1);                /* LDA HASH+1 */
    op1(0x49, 0x10);                    /* EOR #$10 */
    op1(0x85, HASH + 1);                /* STA HASH+1 */
    here(NO_FEEDBACK);
    op(0x88);                           /* DEY */
    branch(0xd0, HASH_BIT);             /* BNE */
    op(0xe8);                           /* INX */
    branch(0xd0, HASH_ALL);             /* BNE */
    op(0x00);                           /* BRK */
    /* A times FACTOR: the high byte in A, the low one in PRODUCT */
    here(MULTIPLY);
    op1(0x85, PRODUCT);                 /* STA PRODUCT */
    op1(0xa9, 0);                       /* LDA #0 */
    op1(0xa0, 8);                       /* LDY #8 */
    op1(0x46, PRODUCT);                 /* LSR PRODUCT */
    here(ADD_SHIFTED);
    branch(0x90, NO_ADDEND);            /* BCC */
    op(0x18);                           /* CLC */
    op1(0x65, FACTOR);                  /* ADC FACTOR */
    here(NO_ADDEND);
    op(0x6a);                           /* ROR A */
    op1(0x66, PRODUCT);                 /* ROR PRODUCT */
    op(0x88);                           /* DEY */
    branch(0xd0, ADD_SHIFTED);          /* BNE */
    op(0x60);                           /* RTS */
    for (u32 i = 0; i < use_count; i++) {
        u32 at = uses[i].at, to = labels[uses[i].label];
        memory[at] = (u8)(uses[i].relative ? to - at - 1 : to);
        if (!uses[i].relative) {
            memory[at + 1] = (u8)(to >> 8);
        }
    }
}

EXPORT(run) u64 run(u32 n) {
    assemble();
    u64 sum = 0;
    for (u32 i = 0; i < n; i++) {
        sum = mix(sum, execute(PROGRAM));
        sum = mix(sum, (u64)WORD(FOUND) << 16 | (u64)WORD(HASH));
    }
    return sum;
}
