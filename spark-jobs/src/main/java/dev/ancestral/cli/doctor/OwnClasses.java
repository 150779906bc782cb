package dev.ancestral.cli.doctor;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** Which build of this program a process has loaded. */
final class OwnClasses {
  private static final String CLASS = ".class";
  private static final String PREFIX = "dev/ancestral/";

  private OwnClasses() {}

  /**
   * SHA-256 of our classes where this process takes them from, in hexadecimal: the same for a jar
   * and for folders of the same classes.
   */
  static String hash() {
    return Loaded.HASH;
  }

  /** Computed once: what a process has loaded does not change. */
  private static final class Loaded {
    static final String HASH = computed();
  }

  private static String computed() {
    Set<String> lines = new TreeSet<>();
    for (Class<?> one :
        new Class<?>[] {AncestralException.class, Dataset.class, OwnClasses.class}) {
      CodeSource source = one.getProtectionDomain().getCodeSource();
      try {
        add(Path.of(source.getLocation().toURI()), lines);
      } catch (URISyntaxException e) {
        throw new IllegalStateException("classes come from a URI", e);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + source.getLocation(), e);
      }
    }
    return Sha256.of(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  private static void add(Path source, Set<String> lines) throws IOException {
    if (Files.isDirectory(source)) {
      try (Stream<Path> files = Files.walk(source.resolve(PREFIX))) {
        for (Path file : files.filter(path -> path.toString().endsWith(CLASS)).toList()) {
          lines.add(line(source.relativize(file).toString(), Files.readAllBytes(file)));
        }
      }
      return;
    }
    try (JarFile jar = new JarFile(source.toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        if (entry.getName().startsWith(PREFIX) && entry.getName().endsWith(CLASS)) {
          lines.add(line(entry.getName(), jar.getInputStream(entry).readAllBytes()));
        }
      }
    }
  }

  private static String line(String name, byte[] bytes) {
    return name + " " + Sha256.of(bytes);
  }
}
