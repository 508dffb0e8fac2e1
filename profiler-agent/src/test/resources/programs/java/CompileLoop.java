import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles all sources below a directory again and again, in this one JVM. */
public class CompileLoop {
    public static void main(String[] args) throws IOException {
        Path sources = Path.of(args[0]);
        List<String> options =
                List.of("-proc:none", "-nowarn", "-cp", args[1], "-d", args[2], "-g");
        List<Path> files;
        try (Stream<Path> all = Files.walk(sources)) {
            files = all.filter(p -> p.toString().endsWith(".java")).sorted().toList();
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        while (true) {
            try (StandardJavaFileManager manager =
                    compiler.getStandardFileManager(null, null, null)) {
                boolean good =
                        compiler.getTask(
                                        null,
                                        manager,
                                        null,
                                        options,
                                        null,
                                        manager.getJavaFileObjectsFromPaths(files))
                                .call();
                if (!good) {
                    System.exit(1);
                }
            }
        }
    }
}
