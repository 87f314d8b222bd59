// As much of WASI preview 1 as a CGI program with a folder needs: environment, stdin and stdout, files, the clock.

@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): u16;
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, bytes: usize): u16;
@external("wasi_snapshot_preview1", "clock_time_get")
declare function clock_time_get(clock: u32, precision: u64, time: usize): u16;
@external("wasi_snapshot_preview1", "fd_prestat_get")
declare function fd_prestat_get(file: u32, prestat: usize): u16;
@external("wasi_snapshot_preview1", "fd_prestat_dir_name")
declare function fd_prestat_dir_name(file: u32, name: usize, length: usize): u16;
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(
    folder: u32, follow: u32, path: usize, length: usize, create: u16, rights: u64, inherited: u64, flags: u16,
    file: usize): u16;
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(file: u32, buffers: usize, count: usize, read: usize): u16;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(file: u32, buffers: usize, count: usize, written: usize): u16;
@external("wasi_snapshot_preview1", "fd_close")
declare function fd_close(file: u32): u16;
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: u32): void;

const STDIN: u32 = 0;
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

const ERRNO_NOENT: u16 = 44;
const RIGHT_READ: u64 = 1 << 1;
const RIGHT_WRITE: u64 = 1 << 6;
const CREATE: u16 = 1;
const APPEND: u16 = 1;

// Somewhere for the host to write small answers to.
const answer: usize = memory.data(64, 8);

/** Ends the program at once; `node` would say "process.exit". */
export function exit(code: u32): void {
    proc_exit(code);
    unreachable();
}

/** The variable's value, or "" if it is not set. */
export function variable(name: string): string {
    environ_sizes_get(answer, answer + 4);
    const count = load<u32>(answer);
    const pointers = heap.alloc(count * 4);
    environ_get(pointers, heap.alloc(load<u32>(answer, 4)));
    const prefix = name + "=";
    for (let i: u32 = 0; i < count; i++) {
        const start: usize = load<u32>(pointers + i * 4);
        let end = start;
        while (load<u8>(end) != 0) {
            end++;
        }
        const entry = String.UTF8.decodeUnsafe(start, end - start);
        if (entry.startsWith(prefix)) {
            return entry.substring(prefix.length);
        }
    }
    return "";
}

/** The time on the wall clock, milliseconds since 1970. */
export function now(): i64 {
    clock_time_get(0, 1000000, answer);
    return load<u64>(answer) / 1000000;
}

/** Everything on stdin. */
export function readBody(): string {
    return readToEnd(STDIN);
}

/** Writes all of `text` to stdout. */
export function print(text: string): void {
    writeAll(STDOUT, text);
}

/** Writes a line to stderr, which becomes a line of the node's log. */
export function log(text: string): void {
    writeAll(STDERR, text + "\n");
}

/** The text in a file, or "" if there is no such file. */
export function readFile(path: string): string {
    const file = open(path, 0, RIGHT_READ, 0);
    if (file == 0) {
        return "";
    }
    const text = readToEnd(file);
    fd_close(file);
    return text;
}

/** Appends to a file, which begins empty, as one step. */
export function appendToFile(path: string, text: string): void {
    const file = open(path, CREATE, RIGHT_WRITE, APPEND);
    writeAll(file, text);
    check(fd_close(file), "cannot append to " + path);
}

/** Opens a file below one of the folders that the host gives; 0 if there is no such file. */
function open(path: string, create: u16, rights: u64, flags: u16): u32 {
    let folder: u32 = 0;
    let prefix = 0;
    for (let candidate: u32 = 3; fd_prestat_get(candidate, answer) == 0; candidate++) {
        const length = load<u32>(answer, 4);
        const bytes = heap.alloc(length);
        fd_prestat_dir_name(candidate, bytes, length);
        const name = String.UTF8.decodeUnsafe(bytes, length);
        const start = name.endsWith("/") ? name : name + "/";
        if (path.startsWith(start) && start.length > prefix) {
            folder = candidate;
            prefix = start.length;
        }
    }
    if (prefix == 0) {
        check(ERRNO_NOENT, "no folder holds " + path + "; the manifest must grant the store");
    }
    const rest = String.UTF8.encode(path.substring(prefix));
    const errno = path_open(
        folder, 0, changetype<usize>(rest), rest.byteLength, create, rights, 0, flags, answer);
    if (errno == ERRNO_NOENT) {
        return 0;
    }
    check(errno, "cannot open " + path);
    return load<u32>(answer);
}

function readToEnd(file: u32): string {
    let capacity: u32 = 4096;
    let bytes = heap.alloc(capacity);
    let length: u32 = 0;
    while (true) {
        if (length == capacity) {
            capacity *= 2;
            bytes = heap.realloc(bytes, capacity);
        }
        store<u32>(answer, <u32>bytes + length);
        store<u32>(answer, capacity - length, 4);
        check(fd_read(file, answer, 1, answer + 8), "cannot read");
        const count = load<u32>(answer, 8);
        if (count == 0) {
            break;
        }
        length += count;
    }
    return String.UTF8.decodeUnsafe(bytes, length);
}

function writeAll(file: u32, text: string): void {
    const bytes = String.UTF8.encode(text);
    let from = changetype<usize>(bytes);
    let left: u32 = bytes.byteLength;
    while (left > 0) {
        store<u32>(answer, <u32>from);
        store<u32>(answer, left, 4);
        check(fd_write(file, answer, 1, answer + 8), "cannot write");
        const count = load<u32>(answer, 8);
        from += count;
        left -= count;
    }
}

function check(errno: u16, what: string): void {
    if (errno != 0) {
        log(what + " (errno " + errno.toString() + ")");
        exit(1);
    }
}

/** What AssemblyScript calls when an assertion of its own fails. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
    log((message ? message : "aborted") + " at " + (file ? file : "?") + ":" + line.toString() + ":" + column.toString());
    exit(134);
}
