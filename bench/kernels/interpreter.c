/* A small stack machine (one switch in a loop: br_table) that counts the primes below 2,000 by trial division, n times. */
#include "kernel.h"

enum op { PUSH, LOAD, STORE, ADD, SUB, MUL, REM, LESS, EQUAL, JUMP, JUMP_IF_ZERO, DUP, DROP, SWAP, CALL, RETURN, HALT };
enum label { OUTER, INNER, PRIME, NEXT, END, INCREMENT, LABELS };
enum variable { CANDIDATE, DIVISOR, COUNT, LIMIT, VARIABLES };

static i32 code[128];
static i32 code_end;

/* ---- the assembler: labels stand as their number until the end ---- */

static i32 labels[LABELS];
static i32 uses[32];
static i32 use_end;

static void emit(enum op op) {
    code[code_end++] = op;
}

static void emit_with(enum op op, i32 operand) {
    code[code_end++] = op;
    code[code_end++] = operand;
}

static void jump(enum op op, enum label target) {
    uses[use_end++] = code_end + 1;
    emit_with(op, target);
}

static void here(enum label label) {
    labels[label] = code_end;
}

static void increment(enum variable variable) {
    emit_with(LOAD, variable);
    emit_with(PUSH, 1);
    emit(ADD);
    emit_with(STORE, variable);
}

static void assemble(void) {
    code_end = use_end = 0;
    emit_with(PUSH, 2);
    emit_with(STORE, CANDIDATE);
    here(OUTER);
    emit_with(LOAD, CANDIDATE);
    emit_with(LOAD, LIMIT);
    emit(LESS);
    jump(JUMP_IF_ZERO, END);
    emit_with(PUSH, 2);
    emit_with(STORE, DIVISOR);
    here(INNER);
    emit_with(LOAD, DIVISOR);
    emit(DUP);
    emit(MUL);
    emit_with(LOAD, CANDIDATE);
    emit(SWAP);
    emit(LESS);
    emit_with(PUSH, 0);
    emit(EQUAL);
    jump(JUMP_IF_ZERO, PRIME);
    emit_with(LOAD, CANDIDATE);
    emit_with(LOAD, DIVISOR);
    emit(REM);
    jump(JUMP_IF_ZERO, NEXT);
    increment(DIVISOR);
    jump(JUMP, INNER);
    here(PRIME);
    increment(COUNT);
    here(NEXT);
    jump(CALL, INCREMENT);
    jump(JUMP, OUTER);
    here(END);
    emit_with(LOAD, COUNT);
    emit(HALT);
    here(INCREMENT);
    increment(CANDIDATE);
    emit(RETURN);
    for (i32 i = 0; i < use_end; i++) {
        code[uses[i]] = labels[code[uses[i]]];
    }
}

/* ---- the machine ---- */

static NOINLINE i32 interpret(i32 limit) {
    i32 stack[64], calls[16], variables[VARIABLES] = {0, 0, 0, limit};
    i32 *top = stack - 1;
    i32 *caller = calls;
    for (u32 pc = 0;;) {
        switch ((enum op)code[pc++]) {
            case PUSH: *++top = code[pc++]; break;
            case LOAD: *++top = variables[code[pc++]]; break;
            case STORE: variables[code[pc++]] = *top--; break;
            case ADD: top--; top[0] += top[1]; break;
            case SUB: top--; top[0] -= top[1]; break;
            case MUL: top--; top[0] *= top[1]; break;
            case REM: top--; top[0] %= top[1]; break;
            case LESS: top--; top[0] = top[0] < top[1]; break;
            case EQUAL: top--; top[0] = top[0] == top[1]; break;
            case JUMP: pc = (u32)code[pc]; break;
            case JUMP_IF_ZERO: pc = *top-- ? pc + 1 : (u32)code[pc]; break;
            case DUP: top++; top[0] = top[-1]; break;
            case DROP: top--; break;
            case SWAP: { i32 x = top[0]; top[0] = top[-1]; top[-1] = x; break; }
            case CALL: *caller++ = (i32)pc + 1; pc = (u32)code[pc]; break;
            case RETURN: pc = (u32)*--caller; break;
            case HALT: return *top;
        }
    }
}

EXPORT(run) u64 run(u32 n) {
    assemble();
    u64 sum = 0;
    for (u32 i = 0; i < n; i++) {
        sum = mix(sum, (u64)interpret(2000 + (i32)i));
    }
    return sum;
}
