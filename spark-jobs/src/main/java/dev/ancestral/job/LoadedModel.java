package dev.ancestral.job;

import dev.ancestral.model.GenerativeModel;
import dev.ancestral.tensor.Engine;

/**
 * A model that one thread has loaded, with the engine that runs it.
 *
 * @param engine null for models that need none
 */
public record LoadedModel(GenerativeModel model, Engine engine) implements AutoCloseable {

  /** What computes: bytes are the same only where this is the same. */
  public String computedBy() {
    return engine == null
        ? "java " + System.getProperty("java.version") + " " + System.getProperty("os.arch")
        : engine.description();
  }

  @Override
  public void close() {
    model.close();
    if (engine != null) {
      engine.close();
    }
  }
}
