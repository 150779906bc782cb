import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Makes the job jar: our shaded classes, then libtorch's bindings and natives as they are.
 *
 * <p>The natives are 110 MB compressed and 450 MB raw. Entries are copied as compressed bytes, so
 * this takes a second where unpacking and packing them again takes a minute.
 *
 * <p>Usage: {@code java -cp commons-compress.jar JobJar.java OUTPUT SHADED CLASSPATH}
 */
final class JobJar {
  /** The group whose artifacts are copied unchanged. */
  private static final String NATIVES =
      File.separator + Path.of("org", "bytedeco") + File.separator;

  /**
   * What no JVM reads at run time: headers, CMake files, settings of GraalVM, descriptions of
   * modules. Maven's pom.properties stay: JavaCPP compares the versions that they name.
   */
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "META-INF/(MANIFEST\\.MF|INDEX\\.LIST|native-image/.*|maven/.*\\.xml)"
              + "|(.*/)?module-info\\.class"
              + "|.*/(include|lib/cmake|lib/pkgconfig|share)/.*"
              + "|.*\\.(h|cpp|cmake)");

  private JobJar() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      throw new IllegalArgumentException("usage: JobJar OUTPUT SHADED CLASSPATH");
    }
    Path output = Path.of(arguments[0]);
    List<Path> natives = new ArrayList<>();
    for (String element : arguments[2].split(Pattern.quote(File.pathSeparator))) {
      if (element.contains(NATIVES)) {
        natives.add(Path.of(element));
      }
    }
    Path unfinished = output.resolveSibling(output.getFileName() + ".part");
    Map<String, Path> origin = new HashMap<>();
    try (ZipArchiveOutputStream jar = new ZipArchiveOutputStream(unfinished)) {
      copy(Path.of(arguments[1]), Pattern.compile("(?!)"), jar, origin);
      for (Path source : natives) {
        copy(source, LEFT_OUT, jar, origin);
      }
    }
    Files.move(unfinished, output, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void copy(
      Path source, Pattern leftOut, ZipArchiveOutputStream jar, Map<String, Path> origin)
      throws IOException {
    try (ZipFile zip = new ZipFile(source)) {
      zip.copyRawEntries(
          jar,
          entry -> {
            String name = entry.getName();
            if (leftOut.matcher(name).matches()) {
              return false;
            }
            Path earlier = origin.putIfAbsent(name, source);
            // The jar with bindings and the jar with natives both name their common artifact.
            boolean shared = entry.isDirectory() || name.startsWith("META-INF/maven/");
            if (earlier != null && !shared) {
              throw new IllegalStateException(
                  name + " is in both " + earlier + " and " + source + "; the job jar takes one");
            }
            return earlier == null;
          });
    }
  }
}
