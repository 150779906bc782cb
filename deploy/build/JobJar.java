import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Makes the two job jars: our shaded classes, libtorch's bindings and natives as they are, and in
 * one of them DL4J.
 *
 * <p>The natives are 200 MB compressed and 700 MB raw. Entries are copied as compressed bytes, so
 * this takes a second where unpacking and packing them again takes a minute. Lists of services that
 * two jars bring are put together.
 *
 * <p>All artifacts of CLASSPATH have the SHA-256 that stands in CHECKSUMS, or there is no job jar.
 *
 * <p>Usage: {@code java -cp commons-compress.jar JobJar.java WITH_DL4J WITHOUT_DL4J SHADED
 * CHECKSUMS CLASSPATH}
 */
final class JobJar {
  /** libtorch. */
  private static final String NATIVES = "org/bytedeco";

  /** DL4J, the module that uses it, and what it uses. */
  private static final List<String> DL4J =
      List.of(
          "dev/ancestral/spark-dl4j",
          "spark-jobs/dl4j/target",
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

  /** Modules of this project, from this build or from the local repository. */
  private static final Pattern OURS =
      Pattern.compile(
          "/dev/ancestral/"
              + "|/(model-core|data-prep|spark-jobs|spark-jobs/execution|spark-jobs/dl4j)/target/");

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
    if (arguments.length != 5) {
      throw new IllegalArgumentException(
          "usage: JobJar WITH_DL4J WITHOUT_DL4J SHADED CHECKSUMS CLASSPATH");
    }
    Map<String, String> checksums = checksums(Path.of(arguments[3]));
    List<Path> natives = new ArrayList<>();
    List<Path> dl4j = new ArrayList<>();
    for (String element : arguments[4].split(Pattern.quote(File.pathSeparator))) {
      String path = element.replace(File.separatorChar, '/');
      if (!OURS.matcher(path).find()) {
        verify(Path.of(element), checksums);
      }
      if (path.contains("/" + NATIVES + "/")) {
        natives.add(Path.of(element));
      } else if (DL4J.stream().anyMatch(group -> path.contains("/" + group + "/"))) {
        dl4j.add(Path.of(element));
      }
    }
    Path shaded = Path.of(arguments[2]);
    write(Path.of(arguments[1]), shaded, natives);
    List<Path> all = new ArrayList<>(natives);
    all.addAll(dl4j);
    write(Path.of(arguments[0]), shaded, all);
  }

  /** SHA-256 by path below a local repository, as `sha256sum` and Maven write them. */
  private static Map<String, String> checksums(Path file) throws IOException {
    Map<String, String> checksums = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split("  ", 2);
      if (parts.length == 2 && !line.startsWith("#")) {
        checksums.put(parts[1], parts[0]);
      }
    }
    return checksums;
  }

  /** Compares an artifact with its checksum. */
  private static void verify(Path jar, Map<String, String> checksums) throws IOException {
    int names = jar.getNameCount();
    // GROUP/ARTIFACT/VERSION/FILE, where a group has any number of parts.
    String expected = null;
    for (int parts = 4; parts <= names && expected == null; parts++) {
      String below = jar.subpath(names - parts, names).toString();
      expected = checksums.get(below.replace(File.separatorChar, '/'));
    }
    if (expected == null) {
      if (Boolean.getBoolean("checksums.unlisted")) {
        System.err.println("job jar: " + jar + " has no checksum and was not verified");
        return;
      }
      throw new IllegalStateException(
          jar
              + " has no checksum in .mvn/checksums; record it (deploy/help/releasing.md), or build"
              + " with -Dchecksums.unlisted=true");
    }
    String found = sha256(jar);
    if (!found.equals(expected)) {
      throw new IllegalStateException(
          jar
              + " has SHA-256 "
              + found
              + ", and .mvn/checksums has "
              + expected
              + ": it is not the artifact that this project was built with; remove it from the"
              + " local repository and build again");
    }
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream bytes = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(Path output, Path shaded, List<Path> unchanged) throws IOException {
    Files.createDirectories(output.getParent());
    Path unfinished = output.resolveSibling(output.getFileName() + ".part");
    Map<String, Path> origin = new HashMap<>();
    Map<String, ByteArrayOutputStream> services = new TreeMap<>();
    try (ZipArchiveOutputStream jar = new ZipArchiveOutputStream(unfinished)) {
      copy(shaded, Pattern.compile("(?!)"), jar, origin, services);
      for (Path source : unchanged) {
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
