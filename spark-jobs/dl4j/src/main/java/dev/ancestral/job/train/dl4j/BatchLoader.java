package dev.ancestral.job.train.dl4j;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.ancestral.job.train.backend.BackendInputs;
import dev.ancestral.model.Network;
import dev.ancestral.tensor.NativeLimits;
import dev.ancestral.tensor.dl4j.InputColumns;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes the batch of a replica at a step where it is used. DeepLearning4J takes lists of files and
 * a loader of them; here a name of such a file is {@code replica/step}, and what it stands for is
 * read from the shards, so that the data are neither copied nor exported.
 */
@DefaultSerializer(JavaSerializer.class) // The masters broadcast it, perhaps by Kryo.
final class BatchLoader implements MultiDataSetLoader {
  private static final long serialVersionUID = 1L;

  static {
    NativeLimits.lift();
  }

  private final BackendInputs inputs;
  private final int rows;
  private final SharingCall call;
  private transient InputColumns columns;

  /**
   * A loader.
   *
   * @param rows of a batch
   */
  BatchLoader(BackendInputs inputs, int rows) {
    this(inputs, rows, null);
  }

  /**
   * A loader that tells a call of what fails.
   *
   * @param call or null
   */
  BatchLoader(BackendInputs inputs, int rows, SharingCall call) {
    this.inputs = inputs;
    this.rows = rows;
    this.call = call;
  }

  /** The name of a batch. */
  static String name(int replica, long step) {
    return replica + "/" + step;
  }

  @Override
  public MultiDataSet load(Source source) {
    try {
      return batch(source);
    } catch (RuntimeException e) {
      if (call != null) {
        call.failed(e);
      }
      throw e;
    }
  }

  private MultiDataSet batch(Source source) {
    String[] parts = source.getPath().split("/");
    int replica = Integer.parseInt(parts[0]);
    long step = Long.parseLong(parts[1]);
    Network network = inputs.network();
    if (columns == null) {
      columns = InputColumns.of(network, inputs.longest());
    }
    Network.View view = inputs.view(replica, step);
    float[] matrix =
        columns.matrix(network, view, inputs.noiseKeys(step), 1.0 / view.batch().size(), rows);
    INDArray features = Nd4j.createFromArray(matrix).reshape(rows, columns.width());
    INDArray labels = new Origin(replica, step, view.batch().ids()).labels(rows);
    return new org.nd4j.linalg.dataset.MultiDataSet(features, labels);
  }
}
