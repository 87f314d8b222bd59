import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.ImportOrderer;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import com.palantir.javaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Formats every Java file of the project with {@code write}; with {@code check} it fails if there is one to format, with
 * {@code list} it only names them.
 */
final class Format {
    private static final Set<String> SKIPPED = Set.of("target", "node_modules", ".git", ".selvage");
    private static final Formatter FORMATTER = Formatter.createFormatter(
            JavaFormatterOptions.builder().style(Style.PALANTIR).build());

    private Format() {}

    public static void main(String[] args) throws IOException, FormatterException {
        boolean check = !args[0].equals("write");
        List<Path> changed = new ArrayList<>();
        for (Path file : files(Path.of(args[1]))) {
            String before = Files.readString(file);
            String after = formatted(file, before);
            if (!after.equals(before)) {
                changed.add(file);
                if (!check) {
                    Files.writeString(file, after);
                }
            }
        }
        changed.forEach(file -> System.out.println((check ? "not formatted: " : "formatted: ") + file));
        if (check && !changed.isEmpty()) {
            System.out.println(
                    changed.size() + " files are not formatted; this formats them: mvn -N verify -Dformat=write");
            System.exit(args[0].equals("check") ? 1 : 0);
        }
    }

    private static String formatted(Path file, String text) throws FormatterException {
        try {
            return FORMATTER.formatSource(
                    RemoveUnusedImports.removeUnusedImports(ImportOrderer.reorderImports(text, Style.PALANTIR)));
        } catch (FormatterException e) {
            throw new FormatterException(file + ": " + e.getMessage());
        }
    }

    private static List<Path> files(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return SKIPPED.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".java")) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }
}
