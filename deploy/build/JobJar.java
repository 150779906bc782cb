import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Makes the job jar: our shaded classes, then libtorch's bindings and natives and DL4J as they are.
 *
 * <p>The natives are 200 MB compressed and 700 MB raw. Entries are copied as compressed bytes, so
 * this takes a second where unpacking and packing them again takes a minute. Lists of services that
 * two jars bring are put together.
 *
 * <p>Usage: {@code java -cp commons-compress.jar JobJar.java OUTPUT SHADED CLASSPATH}
 */
final class JobJar {
  /** The groups whose artifacts are copied unchanged: libtorch, and DL4J with what it uses. */
  private static final List<String> GROUPS =
      List.of(
          "org/bytedeco",
          "org/nd4j",
          "org/deeplearning4j",
          "org/datavec",
          "org/reactivestreams",
          "io/aeron",
          "io/reactivex",
          "com/jakewharton",
          "commons-net",
          "de/javakaffee",
          "net/ericaro");

  private static final String SERVICES = "META-INF/services/";

  /** project.build.outputTimestamp: the same jar from the same sources. */
  private static final long BUILT_MILLIS = 1767225600000L;

  /**
   * What no JVM reads at run time: headers, CMake files, settings of GraalVM, descriptions of
   * modules; and what DL4J's jars hold of classes that Spark has. Maven's pom.properties stay:
   * JavaCPP compares the versions that they name.
   */
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "META-INF/(MANIFEST\\.MF|INDEX\\.LIST|native-image/.*|maven/.*\\.xml|versions/.*)"
              + "|META-INF/(LICENSE|NOTICE|DEPENDENCIES).*"
              + "|(javax/annotation|com/google/thirdparty)/.*"
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
      String path = element.replace(File.separatorChar, '/');
      if (GROUPS.stream().anyMatch(group -> path.contains("/" + group + "/"))) {
        natives.add(Path.of(element));
      }
    }
    Path unfinished = output.resolveSibling(output.getFileName() + ".part");
    Map<String, Path> origin = new HashMap<>();
    Map<String, ByteArrayOutputStream> services = new TreeMap<>();
    try (ZipArchiveOutputStream jar = new ZipArchiveOutputStream(unfinished)) {
      copy(Path.of(arguments[1]), Pattern.compile("(?!)"), jar, origin, services);
      for (Path source : natives) {
        copy(source, LEFT_OUT, jar, origin, services);
      }
      for (Map.Entry<String, ByteArrayOutputStream> service : services.entrySet()) {
        ZipArchiveEntry entry = new ZipArchiveEntry(service.getKey());
        entry.setTime(BUILT_MILLIS);
        jar.putArchiveEntry(entry);
        jar.write(service.getValue().toByteArray());
        jar.closeArchiveEntry();
      }
    }
    Files.move(unfinished, output, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void copy(
      Path source,
      Pattern leftOut,
      ZipArchiveOutputStream jar,
      Map<String, Path> origin,
      Map<String, ByteArrayOutputStream> services)
      throws IOException {
    try (ZipFile zip = new ZipFile(source)) {
      for (ZipArchiveEntry entry : java.util.Collections.list(zip.getEntries())) {
        if (!entry.isDirectory() && entry.getName().startsWith(SERVICES)) {
          ByteArrayOutputStream all =
              services.computeIfAbsent(entry.getName(), name -> new ByteArrayOutputStream());
          zip.getInputStream(entry).transferTo(all);
          all.write('\n');
        }
      }
      zip.copyRawEntries(
          jar,
          entry -> {
            String name = entry.getName();
            boolean service = !entry.isDirectory() && name.startsWith(SERVICES);
            if (service || leftOut.matcher(name).matches()) {
              return false;
            }
            Path earlier = origin.putIfAbsent(name, source);
            // The jar with bindings and the jar with natives both name their common artifact.
            // Aeron's jar holds some of its entries twice.
            boolean shared =
                entry.isDirectory() || name.startsWith("META-INF/maven/") || source.equals(earlier);
            if (earlier != null && !shared) {
              throw new IllegalStateException(
                  name + " is in both " + earlier + " and " + source + "; the job jar takes one");
            }
            return earlier == null;
          });
    }
  }
}
