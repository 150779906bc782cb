package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobJarIT {
  private static final Pattern DL4J =
      Pattern.compile(
          "(?i)nd4j|dl4j|deeplearning4j|org.datavec|io.aeron|org.agrona|io.reactivex|javakaffee");

  @TempDir Path folder;

  @Test
  void holds_every_entry_once() throws IOException {
    Set<String> seen = new HashSet<>();
    List<String> twice = new ArrayList<>();
    // Read as a stream: an index by name would hide the second of two equal names.
    try (ZipInputStream entries = new ZipInputStream(Files.newInputStream(Shipped.jobJar()))) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        if (!seen.add(entry.getName())) {
          twice.add(entry.getName());
        }
      }
    }
    assertTrue(seen.contains("dev/ancestral/model/GenerativeModel.class"), "our classes are there");
    assertEquals(List.of(), twice);
  }

  @Test
  void brings_no_class_that_spark_has() throws IOException {
    Set<String> ours = classes(Shipped.jobJar());
    Set<String> both = new TreeSet<>();
    int jars = 0;
    try (DirectoryStream<Path> found = Files.newDirectoryStream(Shipped.sparkJars(), "*.jar")) {
      for (Path jar : found) {
        jars++;
        for (String name : classes(jar)) {
          if (ours.contains(name)) {
            both.add(name + " of " + jar.getFileName());
          }
        }
      }
    }
    assertTrue(jars > 100, "the jars of Spark are there");
    assertEquals(Set.of(), both);
  }

  @Test
  void brings_what_spark_does_not_have_and_nothing_else() throws IOException {
    Set<String> ours = Set.of("dev/ancestral", "picocli");
    Set<String> natives = Set.of("org/bytedeco");
    Set<String> dl4j =
        Set.of(
            "com/jakewharton",
            "de/javakaffee",
            "io/aeron",
            "io/reactivex",
            "net/ericaro",
            "onnx",
            "org/HdrHistogram",
            "org/agrona",
            "org/apache", // commons-net alone
            "org/datavec",
            "org/deeplearning4j",
            "org/eclipse",
            "org/nd4j",
            "org/reactivestreams",
            "org/tensorflow",
            "tensorflow");
    Set<String> expected = new TreeSet<>(ours);
    expected.addAll(natives);
    assertEquals(expected, roots(Shipped.jobJarWithoutDl4j()));
    if (System.getProperty("dl4j.skip") == null) {
      expected.addAll(dl4j);
    }
    assertEquals(expected, roots(Shipped.jobJar()));
  }

  @Test
  void without_dl4j_it_has_nothing_of_it() throws IOException {
    try (ZipFile jar = new ZipFile(Shipped.jobJarWithoutDl4j().toFile())) {
      jar.stream()
          .map(ZipEntry::getName)
          .forEach(name -> assertFalse(DL4J.matcher(name).find(), name));
      assertEquals(
          List.of(),
          jar.stream()
              .filter(entry -> entry.getName().startsWith("META-INF/services/"))
              .flatMap(entry -> providers(jar, entry).stream())
              .filter(DL4J.asPredicate())
              .toList());
    }
    Path spec =
        Files.writeString(
            folder.resolve("spec.yaml"),
            """
            name: digits
            seed: 1
            data:
              prepare: [{format: synthetic, kind: digits, count: 100, split: "auto=0.5,0,0.5"}]
            model: {family: vae, hidden: [4], latent: 2}
            train: {engine: dl4j, epochs: 1}
            output: runs/digits
            """);
    Command.Result refused =
        Command.script(
                folder, "bin/ancestral", "--master", "local[1]", "pipeline", "--spec", spec + "")
            .with("ANCESTRAL_JAR", Shipped.jobJarWithoutDl4j().toString())
            .run();
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains("dl4j"), refused.err());
  }

  /** What lists of services name is there. */
  @Test
  void every_service_that_it_names_is_in_it() throws IOException {
    for (Path path : List.of(Shipped.jobJar(), Shipped.jobJarWithoutDl4j())) {
      Set<String> names = new HashSet<>();
      try (ZipFile jar = new ZipFile(path.toFile())) {
        jar.stream()
            .filter(entry -> entry.getName().startsWith("META-INF/services/dev.ancestral."))
            .forEach(entry -> names.addAll(providers(jar, entry)));
        assertTrue(names.size() > 5, names.toString());
        for (String name : names) {
          assertNotNull(jar.getEntry(name.replace('.', '/') + ".class"), name + " of " + path);
        }
      }
    }
  }

  private static List<String> providers(ZipFile jar, ZipEntry list) {
    try (InputStream bytes = jar.getInputStream(list)) {
      return new String(bytes.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void is_not_made_of_an_artifact_that_was_changed() throws IOException {
    Path shaded = zip("shaded.jar", "ours");
    Path jar = zip("org/bytedeco/natives/1.0/natives-1.0.jar", "natives");
    Path other = zip("net/example/library/2.0/library-2.0.jar", "library");
    Path checksums = folder.resolve("checksums.sha256");
    Files.writeString(checksums, line(jar) + line(other));
    Command.Result made = jobJar(checksums, shaded, jar, other);
    assertEquals(0, made.status(), made.err());
    assertTrue(classesOrFiles(folder.resolve("with.jar")).containsAll(Set.of("ours", "natives")));

    for (Path changed : List.of(jar, other)) {
      byte[] before = Files.readAllBytes(changed);
      zip(folder.relativize(changed).toString(), "something else");
      Command.Result refused = jobJar(checksums, shaded, jar, other);
      assertEquals(1, refused.status());
      assertTrue(
          refused.err().contains(changed + " has SHA-256 " + sha256(changed)), refused.err());
      Files.write(changed, before);
    }

    Files.writeString(checksums, line(other));
    Command.Result unlisted = jobJar(checksums, shaded, jar, other);
    assertEquals(1, unlisted.status());
    assertTrue(unlisted.err().contains(jar + " has no checksum"), unlisted.err());
  }

  @Test
  void a_component_that_nobody_looked_at_stops_a_release() throws IOException {
    Path list = folder.resolve("advisories.tsv");
    Files.writeString(list, "org.example:a\t1.0\tCVE-1\tmended\tin 0.9\n");
    assertEquals(0, advisories(list, "a", "1.0").status());
    Command.Result newer = advisories(list, "a", "1.1");
    assertEquals(1, newer.status());
    assertTrue(newer.err().contains("org.example:a is 1.1, and 1.0 was looked at"), newer.err());
    Command.Result unknown = advisories(list, "b", "1.0");
    assertEquals(1, unknown.status());
    assertTrue(unknown.err().contains("org.example:b 1.0 is in no line"), unknown.err());
    Files.writeString(list, "org.example:a\t1.0\tCVE-1\topen\tnot mended\n");
    assertEquals(1, advisories(list, "a", "1.0").status());
  }

  private Command.Result advisories(Path list, String name, String version) throws IOException {
    Path bill =
        Files.writeString(
            folder.resolve("bom.xml"),
            """
            <bom><components><component>
            <group>org.example</group><name>%s</name><version>%s</version>
            </component></components></bom>
            """
                .formatted(name, version));
    return java("Advisories", bill.toString(), list.toString());
  }

  private Command.Result jobJar(Path checksums, Path shaded, Path... artifacts) throws IOException {
    List<String> classPath = new ArrayList<>();
    for (Path artifact : artifacts) {
      classPath.add(artifact.toString());
    }
    return java(
        "JobJar",
        folder.resolve("with.jar").toString(),
        folder.resolve("without.jar").toString(),
        shaded.toString(),
        checksums.toString(),
        String.join(File.pathSeparator, classPath));
  }

  /** Runs a program of build/. */
  private Command.Result java(String program, String... arguments) throws IOException {
    String libraries;
    try (Stream<Path> jars = Files.list(Shipped.sparkJars())) {
      libraries =
          jars.map(Path::toString)
              .filter(jar -> jar.matches(".*/commons-(compress|io|lang3|codec)-[^/]*"))
              .collect(Collectors.joining(File.pathSeparator));
    }
    Path compiled = folder.resolve("compiled");
    if (!Files.exists(compiled.resolve(program + ".class"))) {
      assertEquals(
          0,
          ToolProvider.getSystemJavaCompiler()
              .run(
                  null,
                  null,
                  null,
                  "-proc:none",
                  "-classpath",
                  libraries,
                  "-d",
                  compiled.toString(),
                  Shipped.folder().resolve("build/" + program + ".java").toString()));
    }
    List<String> words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-classpath",
                compiled + File.pathSeparator + libraries,
                program));
    words.addAll(List.of(arguments));
    return new Command(words, Map.of(), folder).run();
  }

  /** A jar with an empty file of that name. */
  private Path zip(String path, String name) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry(name));
      zip.closeEntry();
    }
    return file;
  }

  private String line(Path file) throws IOException {
    return sha256(file) + "  " + folder.relativize(file) + "\n";
  }

  private static String sha256(Path file) throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Set<String> classesOrFiles(Path jar) throws IOException {
    Set<String> names = new HashSet<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      zip.stream().map(ZipEntry::getName).forEach(names::add);
    }
    return names;
  }

  /** The first parts of the packages in a jar. */
  private static Set<String> roots(Path jar) throws IOException {
    Set<String> roots = new TreeSet<>();
    for (String name : classes(jar)) {
      roots.add(name.replaceFirst("^((com|de|dev|io|net|org)/[^/]+|[^/]+)/.*", "$1"));
    }
    return roots;
  }

  @Test
  void brings_the_natives_and_the_versions_that_their_loader_compares() throws IOException {
    try (JarFile jar = new JarFile(Shipped.jobJar().toFile())) {
      assertTrue(
          jar.stream()
              .anyMatch(entry -> entry.getName().matches("org/bytedeco/pytorch/.*torch_cpu.*")));
      assertTrue(
          jar.stream()
              .anyMatch(entry -> entry.getName().matches("org/bytedeco/openblas/.*openblas.*")));
      for (String artifact : List.of("javacpp", "openblas", "pytorch")) {
        assertNotNull(
            jar.getEntry("META-INF/maven/org.bytedeco/" + artifact + "/pom.properties"), artifact);
      }
    }
  }

  @Test
  void names_its_main_class_and_its_licences() throws IOException {
    try (JarFile jar = new JarFile(Shipped.jobJar().toFile())) {
      String main = jar.getManifest().getMainAttributes().getValue("Main-Class");
      assertEquals("dev.ancestral.job.Main", main);
      for (String name :
          List.of(main.replace('.', '/') + ".class", "META-INF/LICENSE", "META-INF/NOTICE")) {
        assertNotNull(jar.getEntry(name), name);
      }
    }
  }

  private static Set<String> classes(Path jar) throws IOException {
    Set<String> names = new HashSet<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      zip.stream()
          .map(ZipEntry::getName)
          .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
          .forEach(names::add);
    }
    return names;
  }
}
