package io.selvage.wasi;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Walks a guest's path, component by component, to the folder that holds its last name. It never leaves the folder it
 * begins in: {@code ..} goes back the way it came, over folders that are held open, and never asks the host for a
 * parent; symbolic links are read and walked here, and absolute ones are refused. A folder that is moved or replaced
 * meanwhile changes nothing: what is open stays what it was.
 */
final class PathResolver implements AutoCloseable {
    /** As many links as Linux follows in one path. */
    private static final int MAXIMUM_LINKS = 40;

    /** As long as Linux lets a path be, in UTF-16 units. */
    private static final int MAXIMUM_PATH = 4_096;

    /** How deep below its beginning a path may lead: so many folders are held open while it is walked. */
    private static final int MAXIMUM_DEPTH = 100;

    private final DirectoryHandle base;
    private final List<DirectoryHandle> below = new ArrayList<>(0);
    private final Deque<String> rest = new ArrayDeque<>();
    private String name = "";
    private boolean folder;
    private int links;

    /**
     * Walks as far as the last component, which is left as it is.
     *
     * @throws WasiException {@link Errno#NOTCAPABLE} if the path would leave {@code base}, {@link Errno#NOENT}, {@link
     *     Errno#NOTDIR}, {@link Errno#LOOP} …
     */
    PathResolver(DirectoryHandle base, String path) {
        this.base = base;
        try {
            push(path);
            walk();
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /** The folder that holds the last name, or is what the path stands for. */
    Directory directory() {
        return handle().directory();
    }

    DirectoryHandle handle() {
        return below.isEmpty() ? base : below.getLast();
    }

    /** Whether the path stands for {@link #directory} itself, as {@code .} or {@code a/..} do. */
    boolean isSelf() {
        return name.isEmpty();
    }

    /** The last name. */
    String name() {
        return name;
    }

    /** Whether the path ends as only a folder's may: with a slash or a dot. */
    boolean mustBeFolder() {
        return folder;
    }

    /** If the last name is that of a symbolic link, walks on along it and answers true. */
    boolean followLast() {
        if (isSelf() || !pushLink(name)) {
            return false;
        }
        walk();
        return true;
    }

    @Override
    public void close() {
        while (!below.isEmpty()) {
            below.removeLast().release();
        }
    }

    private void walk() {
        while (true) {
            String component = rest.pollFirst();
            if (component == null) {
                name = "";
                return;
            }
            if (component.equals("..")) {
                leave();
            } else if (rest.isEmpty()) {
                name = component;
                return;
            } else {
                enter(component);
            }
        }
    }

    private void leave() {
        if (below.isEmpty()) {
            throw new WasiException(Errno.NOTCAPABLE);
        }
        below.removeLast().release();
    }

    private void enter(String component) {
        if (below.size() == MAXIMUM_DEPTH) {
            throw new WasiException(Errno.NAMETOOLONG);
        }
        try {
            below.add(new DirectoryHandle(directory().openDirectory(component)));
        } catch (WasiException e) {
            boolean perhapsLink = e.errno() == Errno.LOOP || e.errno() == Errno.NOTDIR;
            if (!perhapsLink || !pushLink(component)) {
                throw e;
            }
        }
    }

    private boolean pushLink(String component) {
        String target;
        try {
            target = directory().readLink(component);
        } catch (WasiException e) {
            if (e.errno() == Errno.INVAL || e.errno() == Errno.NOENT) {
                return false;
            }
            throw e;
        }
        links++;
        if (links > MAXIMUM_LINKS) {
            throw new WasiException(Errno.LOOP);
        }
        push(target);
        return true;
    }

    private void push(String path) {
        check(path);
        String[] components = path.split("/", -1);
        String last = components[components.length - 1];
        folder |= rest.isEmpty() && (last.isEmpty() || last.equals("."));
        for (int i = components.length - 1; i >= 0; i--) {
            String component = components[i];
            if (!component.isEmpty() && !component.equals(".")) {
                rest.addFirst(component);
            }
        }
    }

    private static void check(String path) {
        if (path.isEmpty()) {
            throw new WasiException(Errno.NOENT);
        }
        if (path.length() > MAXIMUM_PATH) {
            throw new WasiException(Errno.NAMETOOLONG);
        }
        if (path.indexOf('\0') >= 0) {
            throw new WasiException(Errno.INVAL);
        }
        if (path.charAt(0) == '/') {
            throw new WasiException(Errno.NOTCAPABLE);
        }
    }
}
