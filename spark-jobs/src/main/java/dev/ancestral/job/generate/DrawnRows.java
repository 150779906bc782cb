package dev.ancestral.job.generate;

import dev.ancestral.job.generate.rows.SampleTable;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.CommonArithmetic;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.tensor.Device;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.stream.LongStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Drawn rows as a dataset that writes nothing: the rows of {@link GenerateJob}, drawn when they are
 * looked at, and drawn the same each time.
 */
public final class DrawnRows {
  private DrawnRows() {}

  /**
   * The rows of a generation, in the order of their ids; one partition a part.
   *
   * @throws dev.ancestral.AncestralException (SPEC) if the request does not suit the model;
   *     (MISMATCH) if its samples are no rows
   */
  public static Dataset<Row> of(SparkSession session, ModelDirectory model, GenerateSpec asked) {
    GenerateSpec spec = asked.withNumber(model.classNames(), model.event().classes());
    GenerateJob.requireSuitable(model.event(), spec);
    SamplePlan plan = SamplePlan.of(model, spec);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    CommonArithmetic.requireFor(model.definition(), spark);
    SampleTable table = SampleTable.of(model, event(plan), false);
    JavaRDD<Row> rows =
        spark
            .parallelize(plan.parts(), plan.parts().size())
            .flatMap(part -> new Rows(plan, table, part));
    return session.createDataFrame(rows, table.type());
  }

  /** What a sample is: without labels where none are drawn. */
  private static EventSpec event(SamplePlan plan) {
    EventSpec event = plan.model().event();
    if (!event.hasLabels()) {
      return event;
    }
    try (LoadedModel loaded = plan.model().load(Device.cpu())) {
      Batch one = plan.draw(loaded.model(), new long[] {0}, key(plan));
      return one.labels() == null ? event.withClasses(0) : event;
    }
  }

  private static RandomKey key(SamplePlan plan) {
    return RandomKey.of(plan.seed()).fold("generate");
  }

  /** The rows of a part, a batch in memory at a time. */
  private static final class Rows implements Iterator<Row> {
    private final SamplePlan plan;
    private final SampleTable table;
    private final LoadedModel loaded;
    private final long endId;
    private long nextId;
    private Iterator<Row> drawn = Collections.emptyIterator();

    Rows(SamplePlan plan, SampleTable table, SamplePlan.Part part) {
      this.plan = plan;
      this.table = table;
      nextId = part.firstId();
      endId = part.endId();
      loaded = plan.model().load(TaskDevice.assigned());
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> loaded.close());
    }

    @Override
    public boolean hasNext() {
      while (!drawn.hasNext() && nextId < endId) {
        draw();
      }
      return drawn.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return drawn.next();
    }

    /** Draws the batch that the next id belongs to, and leaves out what is of other parts. */
    private void draw() {
      long first = plan.firstDrawnWith(nextId);
      long end = plan.endDrawnWith(nextId, endId);
      Batch batch = plan.draw(loaded.model(), LongStream.range(first, end).toArray(), key(plan));
      drawn = table.rows(batch, (int) (nextId - first), (int) (Math.min(end, endId) - first));
      nextId = Math.min(end, endId);
    }
  }
}
