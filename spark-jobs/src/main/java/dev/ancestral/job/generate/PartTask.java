package dev.ancestral.job.generate;

import dev.ancestral.data.Example;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.ShardWriter;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.spark.TaskRunner;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.stream.LongStream;
import org.apache.hadoop.fs.Path;

/**
 * Verifies a part or draws it. Two attempts at the same part write the same bytes, each under a
 * hidden name that is then renamed, so whichever ends last changes nothing.
 */
record PartTask(Storage storage, String folder, String records, SamplePlan plan)
    implements TaskRunner.Work<PartTask.Order, PartTask.Done> {
  private static final long serialVersionUID = 1L;

  /**
   * What a task has to see to.
   *
   * @param listed what the manifest says of the part, or null
   */
  record Order(SamplePlan.Part part, MadePart listed) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * What a task did.
   *
   * @param kept whether the part was there
   */
  record Done(MadePart part, boolean kept) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Done on(Order order) {
    Path parts = new Path(folder);
    Path record = new Path(records, order.part().name() + ".json");
    MadePart known =
        order.listed() == null ? MadePart.readIfWhole(storage, record) : order.listed();
    if (known != null && known.isWhole(storage, parts)) {
      return new Done(known, true);
    }
    MadePart made;
    try (LoadedModel loaded = plan.model().load(TaskDevice.assigned())) {
      Draws draws = new Draws(loaded, plan, order.part());
      ShardEntry entry =
          ShardWriter.write(storage, parts, order.part().file(), draws.event(), draws);
      made = new MadePart(entry, draws.event(), loaded.computedBy(), draws.unended());
    }
    storage.commit(record, made.toJson());
    return new Done(made, false);
  }

  /** The samples of a part, a batch in memory at a time. */
  private static final class Draws implements Iterator<Example> {
    private final LoadedModel loaded;
    private final SamplePlan plan;
    private final RandomKey key;
    private final long endId;
    private long nextId;
    private Batch batch;
    private long unended;
    private Iterator<Example> drawn = Collections.emptyIterator();

    Draws(LoadedModel loaded, SamplePlan plan, SamplePlan.Part part) {
      this.loaded = loaded;
      this.plan = plan;
      this.key = RandomKey.of(plan.seed()).fold("generate");
      this.nextId = part.firstId();
      this.endId = part.endId();
      draw();
    }

    /** What a sample is: without labels where none were drawn or asked for. */
    EventSpec event() {
      EventSpec event = plan.model().event();
      return batch.labels() == null ? event.withClasses(0) : event;
    }

    /** How many samples so far have no end where they should. */
    long unended() {
      return unended;
    }

    @Override
    public boolean hasNext() {
      return nextId < endId;
    }

    @Override
    public Example next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (!drawn.hasNext()) {
        draw();
      }
      nextId++;
      Example example = drawn.next();
      unended += ends(example) ? 0 : 1;
      return example;
    }

    private boolean ends(Example example) {
      return !batch.event().learnedEnd() || batch.ends((int) (example.id() - batch.ids()[0]));
    }

    /** Draws the batch that the next id belongs to and skips what comes before it. */
    private void draw() {
      long first = plan.firstDrawnWith(nextId);
      long[] ids = LongStream.range(first, plan.endDrawnWith(nextId, endId)).toArray();
      batch = plan.draw(loaded.model(), ids, key);
      Batch stored = new Batch(event(), ids, batch.values(), batch.labels(), batch.lengths());
      drawn = Example.of(stored);
      for (long id = first; id < nextId; id++) {
        drawn.next();
      }
    }
  }
}
