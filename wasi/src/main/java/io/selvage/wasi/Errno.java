package io.selvage.wasi;

/**
 * How a call of a guest went (WASI preview 1, {@code errno}); {@link #code} is the number that the guest gets. The
 * names are those of POSIX without their {@code E}.
 */
public enum Errno {
    SUCCESS("No error"),
    TOOBIG("Argument list too long"),
    ACCES("Permission denied"),
    ADDRINUSE("Address in use"),
    ADDRNOTAVAIL("Address not available"),
    AFNOSUPPORT("Address family not supported"),
    AGAIN("Resource unavailable, or operation would block"),
    ALREADY("Connection already in progress"),
    BADF("Bad file descriptor"),
    BADMSG("Bad message"),
    BUSY("Device or resource busy"),
    CANCELED("Operation canceled"),
    CHILD("No child processes"),
    CONNABORTED("Connection aborted"),
    CONNREFUSED("Connection refused"),
    CONNRESET("Connection reset"),
    DEADLK("Resource deadlock would occur"),
    DESTADDRREQ("Destination address required"),
    DOM("Mathematics argument out of domain of function"),
    DQUOT("Disk quota exceeded"),
    EXIST("File exists"),
    FAULT("Bad address"),
    FBIG("File too large"),
    HOSTUNREACH("Host is unreachable"),
    IDRM("Identifier removed"),
    ILSEQ("Illegal byte sequence"),
    INPROGRESS("Operation in progress"),
    INTR("Interrupted function"),
    INVAL("Invalid argument"),
    IO("I/O error"),
    ISCONN("Socket is connected"),
    ISDIR("Is a directory"),
    LOOP("Too many levels of symbolic links"),
    MFILE("Too many open files"),
    MLINK("Too many links"),
    MSGSIZE("Message too large"),
    MULTIHOP("Multihop attempted"),
    NAMETOOLONG("File name too long"),
    NETDOWN("Network is down"),
    NETRESET("Connection aborted by network"),
    NETUNREACH("Network unreachable"),
    NFILE("Too many files open in system"),
    NOBUFS("No buffer space available"),
    NODEV("No such device"),
    NOENT("No such file or directory"),
    NOEXEC("Executable file format error"),
    NOLCK("No locks available"),
    NOLINK("Link has been severed"),
    NOMEM("Not enough space"),
    NOMSG("No message of the desired type"),
    NOPROTOOPT("Protocol not available"),
    NOSPC("No space left on device"),
    NOSYS("Function not supported"),
    NOTCONN("The socket is not connected"),
    NOTDIR("Not a directory"),
    NOTEMPTY("Directory not empty"),
    NOTRECOVERABLE("State not recoverable"),
    NOTSOCK("Not a socket"),
    NOTSUP("Not supported"),
    NOTTY("Inappropriate I/O control operation"),
    NXIO("No such device or address"),
    OVERFLOW("Value too large"),
    OWNERDEAD("Previous owner died"),
    PERM("Operation not permitted"),
    PIPE("Broken pipe"),
    PROTO("Protocol error"),
    PROTONOSUPPORT("Protocol not supported"),
    PROTOTYPE("Protocol wrong type for socket"),
    RANGE("Result too large"),
    ROFS("Read-only file system"),
    SPIPE("Invalid seek"),
    SRCH("No such process"),
    STALE("Stale file handle"),
    TIMEDOUT("Connection timed out"),
    TXTBSY("Text file busy"),
    XDEV("Cross-device link"),
    NOTCAPABLE("Capabilities insufficient");

    private final String text;

    Errno(String text) {
        this.text = text;
    }

    /** The number of preview 1, 0 to 76. */
    public int code() {
        return ordinal();
    }

    /** What it means, in a few words. */
    public String text() {
        return text;
    }
}
