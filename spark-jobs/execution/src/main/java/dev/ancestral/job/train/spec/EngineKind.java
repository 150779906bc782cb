package dev.ancestral.job.train.spec;

import dev.ancestral.Services;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * An engine that trains networks by itself, as far as a spec names it.
 *
 * <p>Implementations are public, have a public constructor without arguments, implement {@code
 * TrainingBackendProvider} too, and stand in {@code
 * META-INF/services/dev.ancestral.job.train.spec.EngineKind}.
 */
public interface EngineKind {
  /** The training loop of this program, on libtorch. */
  String TORCH = "torch";

  /** DeepLearning4J, which a build may lack. */
  String DL4J = "dl4j";

  /** What {@code train.engine} calls it: lower case letters, digits and hyphens. */
  String name();

  /** What can be asked for: the engines of this program, then those of jars. */
  static Collection<String> names() {
    Collection<String> names = new LinkedHashSet<>(List.of(TORCH, DL4J));
    names.addAll(byName().keySet());
    return names;
  }

  /** The engines at hand beside {@value #TORCH}. */
  static Map<String, EngineKind> byName() {
    return Services.byName(
        EngineKind.class, EngineKind::name, "an engine of training", "engines of training");
  }
}
