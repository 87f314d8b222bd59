package io.selvage.wasi;

import java.nio.charset.StandardCharsets;

/** A symbolic link in memory. */
final class MemoryLink extends MemoryNode {
    private final String target;
    private final int length;

    MemoryLink(Tree tree, String target) {
        int length = target.getBytes(StandardCharsets.UTF_8).length;
        super(tree, length);
        this.target = target;
        this.length = length;
    }

    String target() {
        return target;
    }

    @Override
    FileType type() {
        return FileType.SYMBOLIC_LINK;
    }

    @Override
    long size() {
        return length;
    }

    @Override
    long charged() {
        return length;
    }
}
