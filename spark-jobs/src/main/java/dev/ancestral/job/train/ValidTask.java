package dev.ancestral.job.train;

import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.job.ParallelWork;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.NamedArrays;
import dev.ancestral.model.StatisticsModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * The scores of a shard of the validation split under some parameters.
 *
 * @param parameters as safetensors
 */
record ValidTask(Dataset dataset, Recipe recipe, String split, byte[] parameters)
    implements ParallelWork.Work<Integer, Moments> {
  private static final long serialVersionUID = 1L;
  private static final int ROWS_AT_ONCE = 512;

  @Override
  public Moments on(Integer index) throws IOException {
    NamedArrays arrays =
        Safetensors.readArrays(new ByteArrayInputStream(parameters), "the parameters of a restart");
    Shard shard = ShardCache.shared().shard(dataset, split, dataset.sha256(split), index);
    Moments nats = new Moments();
    try (ExactModel model = ((StatisticsModel) recipe.define()).bind(arrays)) {
      for (int from = 0; from < shard.size(); from += ROWS_AT_ONCE) {
        int to = Math.min(shard.size(), from + ROWS_AT_ONCE);
        Arrays.stream(model.logProb(shard.batch(from, to))).forEach(nats::add);
      }
    }
    return nats;
  }
}
