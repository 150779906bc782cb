package dev.ancestral.data.prepare;

import dev.ancestral.data.ColumnOrder;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.ShardWriter;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.Source;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.Path;
import scala.Tuple2;

/**
 * Writes the shards of one partition from its sorted blocks.
 *
 * @param folder of the dataset
 * @param plan names the shards
 * @param decoder makes examples of what came through the shuffle
 * @param layout the event that those are laid out for
 * @param labels for each of their labels the one of the dataset; empty if they agree
 * @param binarize applied to them
 * @param event of the dataset
 * @param key of stochastic binarization
 * @param keyed whether keys are written beside them
 */
record ShardTask(
    Storage storage,
    String folder,
    ShardPlan plan,
    Source.Decoder decoder,
    EventSpec layout,
    List<Integer> labels,
    Binarization binarize,
    EventSpec event,
    RandomKey key,
    boolean keyed)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A shard that was written, and the file of its keys or null. */
  record Done(int shard, ShardEntry entry, DatasetManifest.KeyFile keys) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** All shards of a partition. */
  record AllDone(List<Done> shards) implements Serializable {
    private static final long serialVersionUID = 1L;

    AllDone {
      shards = List.copyOf(shards);
    }
  }

  /** One {@link TaskResult} of {@link AllDone}. */
  Iterator<byte[]> run(Iterator<Tuple2<BlockKey, Block>> blocks) {
    return List.of(TaskResult.of(() -> write(blocks))).iterator();
  }

  private AllDone write(Iterator<Tuple2<BlockKey, Block>> blocks) {
    List<Done> done = new ArrayList<>();
    Examples examples = new Examples(blocks);
    while (examples.nextShard()) {
      int shard = examples.shard();
      ShardEntry entry =
          ShardWriter.write(storage, new Path(folder), plan.file(shard), event, examples);
      done.add(
          new Done(
              shard,
              entry,
              keyed ? KeyWriter.write(storage, folder, plan.keyFile(shard), examples.keys) : null));
      examples.keys.clear();
    }
    return new AllDone(done);
  }

  /** The examples of one shard after another. */
  private final class Examples implements Iterator<Example> {
    private final Iterator<Tuple2<BlockKey, Block>> blocks;
    private final ColumnOrder order = ColumnOrder.of(layout, event);
    private Tuple2<BlockKey, Block> block;
    private int index;
    private int shard = -1;
    // Of the shard at hand; no more than a shard has examples.
    private final KeyWriter.Keys keys = new KeyWriter.Keys();

    Examples(Iterator<Tuple2<BlockKey, Block>> blocks) {
      this.blocks = blocks;
      advance();
    }

    private void advance() {
      block = blocks.hasNext() ? blocks.next() : null;
      index = 0;
    }

    /** Goes on to the shard of the next block, if there is one. */
    boolean nextShard() {
      if (block != null) {
        shard = block._1().shard();
      }
      return block != null;
    }

    int shard() {
      return shard;
    }

    @Override
    public boolean hasNext() {
      if (block != null && index == block._2().size()) {
        advance();
      }
      return block != null && block._1().shard() == shard;
    }

    @Override
    public Example next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Source.RawExample raw = block._2().example(index++);
      long id = plan.splits().id(raw.position());
      if (keyed) {
        keys.add(id, decoder.keys(raw));
      }
      return stored(decoder.decode(id, raw), order);
    }
  }

  private Example stored(Example example, ColumnOrder order) {
    Example labelled =
        new Example(
            example.id(),
            order.apply(example.payload(), Payload.width(layout)),
            labels.isEmpty() ? example.label() : labels.get(example.label()),
            example.length());
    return binarize instanceof Binarization.None
        ? new Example(
            labelled.id(),
            Payload.convert(labelled.payload(), layout, event),
            labelled.label(),
            labelled.length())
        : binarize.apply(labelled, layout, key);
  }
}
