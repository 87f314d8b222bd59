package io.selvage.wasi;

import static io.selvage.wasi.DirectoryContractTest.fails;
import static io.selvage.wasi.DirectoryContractTest.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

class MemoryFolderTest {
    private static final OpenOptions CREATE = new OpenOptions(true, true, true, false, false);

    @Test
    void everyRunBeginsWithAnEmptyFolder() {
        MemoryFolder mount = MemoryFolder.ofSize(1 << 16);
        write(mount.open(), "a", "x");
        assertFalse(mount.open().list().hasNext());
    }

    @Test
    void noMoreThanTheLimitIsKept() {
        Directory root = MemoryFolder.ofSize(100_000).open();
        byte[] block = new byte[1_000];
        try (OpenFile file = root.openFile("a", CREATE)) {
            fails(Errno.NOSPC, () -> {
                for (long at = 0; true; at += block.length) {
                    file.write(block, 0, block.length, at);
                }
            });
            assertEquals(true, file.stat().size() >= 95_000);
            fails(Errno.NOSPC, () -> file.resize(1L << 30));
            fails(Errno.FBIG, () -> file.write(block, 0, 1, Long.MAX_VALUE));
        }
    }

    @Test
    void emptyFilesAndFoldersCountToo() {
        Directory root = MemoryFolder.ofSize(100_000).open();
        fails(Errno.NOSPC, () -> {
            for (int i = 0; true; i++) {
                root.createDirectory("folder-" + i);
            }
        });
    }

    @Test
    void whatIsRemovedMakesRoom() {
        Directory root = MemoryFolder.ofSize(20_000).open();
        byte[] block = new byte[15_000];
        for (int round = 0; round < 50; round++) {
            try (OpenFile file = root.openFile("a", CREATE)) {
                file.write(block, 0, block.length, 0);
                root.unlink("a");
            }
            root.createDirectory("b");
            fails(Errno.NAMETOOLONG, () -> root.createDirectory("x".repeat(256)));
            root.rename("b", root, "c".repeat(200));
            root.removeDirectory("c".repeat(200));
            root.createSymbolicLink("d", "somewhere");
            root.unlink("d");
        }
    }

    @Test
    void nothingIsMadeInARemovedFolder() {
        Directory root = MemoryFolder.ofSize(1 << 16).open();
        root.createDirectory("a");
        try (Directory a = root.openDirectory("a")) {
            root.removeDirectory("a");
            fails(Errno.NOENT, () -> a.openFile("x", CREATE));
            fails(Errno.NOENT, () -> a.createDirectory("x"));
        }
    }
}
