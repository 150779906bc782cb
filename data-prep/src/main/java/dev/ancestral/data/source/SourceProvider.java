package dev.ancestral.data.source;

import dev.ancestral.config.Settings;

/**
 * An input format by its name; found by {@link java.util.ServiceLoader}, so that a jar given to
 * {@code --jars} adds formats of its own.
 *
 * <p>The jar lists the class in {@code META-INF/services/dev.ancestral.data.source.SourceProvider}.
 * The class is public and has a public constructor without arguments. It is made on the driver; the
 * {@link Source} that it reads travels to the executors.
 */
public interface SourceProvider {

  /** What {@code format} calls it; no two formats have one name. */
  String name();

  /**
   * The source that the options of this format describe.
   *
   * @param settings the entry of the spec, or the options of the command line. A wrong option is
   *     reported to them ({@link Settings#wrong}); the result is then of no use
   */
  Source read(Settings settings);
}
