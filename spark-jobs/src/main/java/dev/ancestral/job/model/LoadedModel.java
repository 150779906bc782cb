package dev.ancestral.job.model;

import dev.ancestral.model.Condition;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.label.LabelledScores;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.torch.TorchArithmetic;
import dev.ancestral.tensor.torch.TorchEngine;

/**
 * A model that one thread has loaded, with the engine that runs it.
 *
 * @param engine null for models that need none
 */
public record LoadedModel(GenerativeModel model, Engine engine) implements AutoCloseable {

  /**
   * This model as one whose likelihood is of a condition that is asked for.
   *
   * @param source where the model is from
   * @param wanted what the label is to the likelihood
   * @throws dev.ancestral.AncestralException (MISMATCH) if the model says nothing of it
   */
  public LoadedModel scoring(ModelDirectory source, Condition.Label wanted) {
    GenerativeModel scored =
        LabelledScores.of(
            model,
            source.definition().condition().label(),
            wanted,
            source.description().frequencies());
    return new LoadedModel(scored, engine);
  }

  /** What computes: bytes are the same only where this is the same. */
  public String computedBy() {
    return engine == null
        ? "java " + System.getProperty("java.version") + " " + System.getProperty("os.arch")
        : engine.description() + (onCpu() ? ", " + TorchArithmetic.inUse().describe() : "");
  }

  private boolean onCpu() {
    return engine instanceof TorchEngine torch
        && torch.options().device().kind() == Device.Kind.CPU;
  }

  @Override
  public void close() {
    model.close();
    if (engine != null) {
      engine.close();
    }
  }
}
