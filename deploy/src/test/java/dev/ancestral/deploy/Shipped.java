package dev.ancestral.deploy;

import java.nio.file.Path;

/** Where the build has put what it ships. */
final class Shipped {
  private Shipped() {}

  /** The folder of bin, conf and pipelines. */
  static Path folder() {
    return Path.of(System.getProperty("deploy.directory"));
  }

  static Path jobJar() {
    return Path.of(System.getProperty("job.jar"));
  }

  static Path jobJarWithoutDl4j() {
    return Path.of(System.getProperty("job.jar.without.dl4j"));
  }

  /** The jars of the Spark that Maven resolved. */
  static Path sparkJars() {
    return folder().resolve("target/spark/jars");
  }
}
