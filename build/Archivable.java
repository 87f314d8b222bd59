import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

/**
 * Lets the JVM's start-up cache hold the classes of the jars in a folder. It leaves out classes of jars that are signed,
 * and classes that are older than Java 6, which have no stack maps (JVMS §4.10.1) for their verification: both are read
 * and verified anew at each start. Here signatures are taken away, and stack maps added. A jar that needs neither stays
 * as it is; in the manifest of one that does, {@code Selvage-Changed} says what was done.
 */
final class Archivable {
    private static final String MANIFEST = JarFile.MANIFEST_NAME;
    private static final Attributes.Name CHANGED = new Attributes.Name("Selvage-Changed");
    private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");

    private Archivable() {}

    public static void main(String[] args) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(args[0]), "*.jar")) {
            for (Path jar : jars) {
                rewriteIfNeeded(jar);
            }
        }
    }

    private static void rewriteIfNeeded(Path file) throws IOException {
        boolean signed = false;
        boolean old = false;
        try (JarFile jar = new JarFile(file.toFile(), false)) {
            for (JarEntry entry : entries(jar)) {
                signed |= isSignature(entry);
                old |= isClass(entry) && isOld(head(jar, entry));
            }
            if (signed || old) {
                String change = (signed ? "signature removed" : "")
                        + (signed && old ? ", " : "")
                        + (old ? "stack maps added to old classes" : "");
                // not a temporary file of the JDK's, which only its owner may read
                Path rewritten = file.resolveSibling(file.getFileName() + ".new");
                try {
                    rewrite(jar, file, rewritten, change);
                    Files.move(rewritten, file, StandardCopyOption.REPLACE_EXISTING);
                } finally {
                    Files.deleteIfExists(rewritten);
                }
                System.out.println(file.getFileName() + ": " + change);
            }
        }
    }

    private static void rewrite(JarFile jar, Path file, Path to, String change) throws IOException {
        try (URLClassLoader classes = new URLClassLoader(new URL[] {file.toUri().toURL()}, null);
                JarOutputStream out = new JarOutputStream(Files.newOutputStream(to))) {
            ClassFile format = ClassFile.of(
                    StackMapsOption.GENERATE_STACK_MAPS,
                    ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(classes)
                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (JarEntry entry : entries(jar)) {
                if (!isSignature(entry)) {
                    byte[] bytes = bytes(jar, entry);
                    if (entry.getName().equals(MANIFEST)) {
                        bytes = unsigned(bytes, change);
                    } else if (isClass(entry) && isOld(bytes)) {
                        bytes = withStackMaps(format, bytes);
                    }
                    JarEntry copy = new JarEntry(entry.getName());
                    copy.setTime(entry.getTime());
                    out.putNextEntry(copy);
                    out.write(bytes);
                    out.closeEntry();
                }
            }
        }
    }

    private static byte[] withStackMaps(ClassFile format, byte[] old) {
        ClassTransform newer = (to, element) -> {
            if (element instanceof ClassFileVersion) {
                to.withVersion(ClassFile.JAVA_8_VERSION, 0);
            } else {
                to.with(element);
            }
        };
        ClassTransform newCode = ClassTransform.transformingMethodBodies((to, element) -> to.with(element));
        byte[] bytes = format.transformClass(format.parse(old), newCode.andThen(newer));
        List<VerifyError> errors = format.verify(bytes);
        if (!errors.isEmpty()) {
            throw new IllegalStateException("a class with new stack maps is not valid", errors.getFirst());
        }
        return bytes;
    }

    private static byte[] unsigned(byte[] manifest, String change) throws IOException {
        Manifest parsed = new Manifest(new ByteArrayInputStream(manifest));
        parsed.getEntries()
                .values()
                .forEach(attributes ->
                        attributes.keySet().removeIf(name -> name.toString().endsWith("-Digest")));
        parsed.getEntries().values().removeIf(Attributes::isEmpty);
        parsed.getMainAttributes().put(CHANGED, change);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        parsed.write(bytes);
        return bytes.toByteArray();
    }

    private static List<JarEntry> entries(JarFile jar) {
        return jar.stream().toList();
    }

    private static boolean isSignature(JarEntry entry) {
        return SIGNATURE.matcher(entry.getName()).matches();
    }

    private static boolean isClass(JarEntry entry) {
        return entry.getName().endsWith(".class");
    }

    /** Whether a class's file, of which the first eight bytes are enough, is older than Java 6. */
    private static boolean isOld(byte[] file) {
        return ByteBuffer.wrap(file).getShort(6) < ClassFile.JAVA_6_VERSION;
    }

    private static byte[] head(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readNBytes(8);
        }
    }

    private static byte[] bytes(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }
}
