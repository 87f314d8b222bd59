package io.selvage.wasi;

/**
 * What a guest asks of {@code path_open}.
 *
 * @param flags {@link DescriptorFlags}
 */
record OpenRequest(
        boolean create,
        boolean directory,
        boolean exclusive,
        boolean truncate,
        boolean read,
        boolean write,
        int flags) {
    private static final int CREATE = 1;
    private static final int DIRECTORY = 1 << 1;
    private static final int EXCLUSIVE = 1 << 2;
    private static final int TRUNCATE = 1 << 3;

    /** All open flags there are. */
    static final int ALL = CREATE | DIRECTORY | EXCLUSIVE | TRUNCATE;

    static OpenRequest of(int openFlags, long rights, int flags) {
        OpenRequest request = new OpenRequest(
                (openFlags & CREATE) != 0,
                (openFlags & DIRECTORY) != 0,
                (openFlags & EXCLUSIVE) != 0,
                (openFlags & TRUNCATE) != 0,
                (rights & Rights.FD_READ) != 0,
                (rights & Rights.FD_WRITE) != 0,
                flags);
        if (request.directory && (request.create || request.exclusive || request.truncate)) {
            throw new WasiException(Errno.INVAL);
        }
        return request;
    }

    /** What the folder that the path begins in must allow. */
    long rightsOfFolder() {
        return Rights.PATH_OPEN
                | (create ? Rights.PATH_CREATE_FILE : 0)
                | (truncate ? Rights.PATH_FILESTAT_SET_SIZE : 0);
    }

    /** How the mount is to open the file. */
    OpenOptions options() {
        return new OpenOptions(read, write || truncate, create, exclusive, truncate);
    }
}
