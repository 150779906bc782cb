package dev.ancestral.job.train.em;

import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.loader.ShardCache;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.TaskRunner;
import dev.ancestral.tensor.NamedArrays;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * The scores of a shard of the validation split under some parameters: log p(x), or for dequantized
 * data its bound by one draw of the noise, the same for all parameters.
 *
 * @param parameters as safetensors
 * @param seed of the noise
 */
public record ValidTask(
    Dataset dataset, ModelConfig recipe, String split, byte[] parameters, long seed)
    implements TaskRunner.Work<Integer, Moments> {
  private static final long serialVersionUID = 1L;
  private static final int ROWS_AT_ONCE = 512;

  @Override
  public Moments on(Integer index) throws IOException {
    NamedArrays arrays =
        Safetensors.readArrays(new ByteArrayInputStream(parameters), "the parameters of a restart");
    Shard shard = ShardCache.shared().shard(dataset, split, dataset.sha256(split), index);
    Moments nats = new Moments();
    RandomKey key = RandomKey.of(seed).fold("train").fold("validation").fold("noise");
    StatisticsModel definition = (StatisticsModel) recipe.define();
    try (GenerativeModel model = recipe.modelled().model(definition.bind(arrays))) {
      for (int from = 0; from < shard.size(); from += ROWS_AT_ONCE) {
        Batch batch = shard.batch(from, Math.min(shard.size(), from + ROWS_AT_ONCE));
        double[] scores =
            model instanceof ExactModel exact
                ? exact.logProb(batch)
                : ((BoundModel) model).elbo(batch, 1, key);
        Arrays.stream(scores).forEach(nats::add);
      }
    }
    return nats;
  }
}
