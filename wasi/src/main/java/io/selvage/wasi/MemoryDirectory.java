package io.selvage.wasi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A folder in memory; the object is the folder and an opening of it at once. */
final class MemoryDirectory extends MemoryNode implements Directory {
    /** As long as Linux lets a name be, in bytes of UTF-8. */
    private static final int MAXIMUM_NAME = 255;

    private final Map<String, MemoryNode> entries = new LinkedHashMap<>();
    private @Nullable MemoryDirectory parent;

    private MemoryDirectory(Tree tree) {
        super(tree, 0);
    }

    static MemoryDirectory root(long limit) {
        MemoryDirectory root = new MemoryDirectory(new Tree(limit));
        root.named();
        return root;
    }

    @Override
    FileType type() {
        return FileType.DIRECTORY;
    }

    @Override
    long size() {
        return 0;
    }

    @Override
    long charged() {
        return 0;
    }

    @Override
    public FileStat stat(String name) {
        return find(name).stat();
    }

    @Override
    public Directory openDirectory(String name) {
        return switch (find(name)) {
            case MemoryDirectory directory -> {
                directory.held();
                yield directory;
            }
            case MemoryLink _ -> throw new WasiException(Errno.LOOP);
            case MemoryFile _ -> throw new WasiException(Errno.NOTDIR);
        };
    }

    @Override
    public OpenFile openFile(String name, OpenOptions options) {
        MemoryNode node = entries.get(name);
        if (node == null) {
            if (!options.create()) {
                throw new WasiException(Errno.NOENT);
            }
            node = put(name, new MemoryFile(tree()));
        } else if (options.create() && options.exclusive()) {
            throw new WasiException(Errno.EXIST);
        }
        return switch (node) {
            case MemoryFile file -> {
                if (options.truncate()) {
                    file.resize(0);
                }
                yield file.open();
            }
            case MemoryLink _ -> throw new WasiException(Errno.LOOP);
            case MemoryDirectory _ -> throw new WasiException(Errno.ISDIR);
        };
    }

    @Override
    public Iterator<DirectoryEntry> list() {
        List<DirectoryEntry> list = new ArrayList<>(entries.size());
        entries.forEach((name, node) -> list.add(new DirectoryEntry(name, node.inode(), node.type())));
        return list.iterator();
    }

    @Override
    public String readLink(String name) {
        if (find(name) instanceof MemoryLink link) {
            return link.target();
        }
        throw new WasiException(Errno.INVAL);
    }

    @Override
    public void createDirectory(String name) {
        refuseExisting(name);
        MemoryDirectory made = new MemoryDirectory(tree());
        put(name, made);
        made.parent = this;
    }

    @Override
    public void removeDirectory(String name) {
        if (!(find(name) instanceof MemoryDirectory directory)) {
            throw new WasiException(Errno.NOTDIR);
        }
        if (!directory.entries.isEmpty()) {
            throw new WasiException(Errno.NOTEMPTY);
        }
        remove(name);
    }

    @Override
    public void unlink(String name) {
        if (find(name) instanceof MemoryDirectory) {
            throw new WasiException(Errno.ISDIR);
        }
        remove(name);
    }

    @Override
    public void createSymbolicLink(String name, String target) {
        refuseExisting(name);
        put(name, new MemoryLink(tree(), target));
    }

    @Override
    public void link(String name, Directory targetFolder, String targetName) {
        MemoryDirectory to = sameTree(targetFolder);
        MemoryNode node = find(name);
        if (node instanceof MemoryDirectory) {
            throw new WasiException(Errno.PERM);
        }
        to.refuseExisting(targetName);
        to.put(targetName, node);
    }

    @Override
    public void rename(String name, Directory targetFolder, String targetName) {
        MemoryDirectory to = sameTree(targetFolder);
        MemoryNode moved = find(name);
        MemoryNode replaced = to.entries.get(targetName);
        if (moved == replaced) {
            return;
        }
        if (moved instanceof MemoryDirectory directory && to.isBelow(directory)) {
            throw new WasiException(Errno.INVAL);
        }
        if (replaced != null) {
            refuseReplacing(moved, replaced);
        }
        to.checkRoom(targetName, moved);
        if (replaced != null) {
            to.remove(targetName);
        }
        moved.held();
        remove(name);
        to.put(targetName, moved);
        moved.letGo();
        if (moved instanceof MemoryDirectory directory) {
            directory.parent = to;
        }
    }

    private static void refuseReplacing(MemoryNode moved, MemoryNode replaced) {
        boolean folder = moved instanceof MemoryDirectory;
        if (replaced instanceof MemoryDirectory directory) {
            if (!folder) {
                throw new WasiException(Errno.ISDIR);
            }
            if (!directory.entries.isEmpty()) {
                throw new WasiException(Errno.NOTEMPTY);
            }
        } else if (folder) {
            throw new WasiException(Errno.NOTDIR);
        }
    }

    private boolean isBelow(MemoryDirectory ancestor) {
        for (MemoryDirectory at = this; at != null; at = at.parent) {
            if (at == ancestor) {
                return true;
            }
        }
        return false;
    }

    private MemoryDirectory sameTree(Directory folder) {
        if (folder instanceof MemoryDirectory directory && directory.tree() == tree()) {
            return directory;
        }
        throw new WasiException(Errno.XDEV);
    }

    @Override
    public void setTimes(String name, OptionalLong accessed, OptionalLong modified) {
        find(name).setTimes(accessed, modified);
    }

    @Override
    public void setTimes(OptionalLong accessed, OptionalLong modified) {
        super.setTimes(accessed, modified);
    }

    @Override
    public void close() {
        letGo();
    }

    private MemoryNode find(String name) {
        MemoryNode node = entries.get(name);
        if (node == null) {
            throw new WasiException(Errno.NOENT);
        }
        return node;
    }

    private void refuseExisting(String name) {
        if (entries.containsKey(name)) {
            throw new WasiException(Errno.EXIST);
        }
    }

    /** Throws if a rename to {@code name} could not be finished once it was begun. */
    private void checkRoom(String name, MemoryNode moved) {
        if (names() == 0) {
            throw new WasiException(Errno.NOENT);
        }
        if (length(name) > tree().left()) {
            throw new WasiException(Errno.NOSPC);
        }
        moved.touched();
    }

    private <T extends MemoryNode> T put(String name, T node) {
        try {
            if (names() == 0) {
                throw new WasiException(Errno.NOENT);
            }
            tree().charge(length(name));
        } catch (WasiException e) {
            if (node.names() == 0) {
                node.held();
                node.letGo();
            }
            throw e;
        }
        entries.put(name, node);
        node.named();
        touched();
        return node;
    }

    private void remove(String name) {
        MemoryNode node = entries.remove(name);
        if (node != null) {
            tree().release(length(name));
            node.unnamed();
            touched();
        }
    }

    private static int length(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length > MAXIMUM_NAME) {
            throw new WasiException(Errno.NAMETOOLONG);
        }
        return length;
    }
}
