package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class JobJarIT {

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
    Set<String> roots = new TreeSet<>();
    for (String name : classes(Shipped.jobJar())) {
      roots.add(name.replaceFirst("^((com|de|dev|io|net|org)/[^/]+|[^/]+)/.*", "$1"));
    }
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
    expected.addAll(dl4j);
    assertEquals(expected, roots);
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
