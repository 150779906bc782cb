package dev.ancestral.data.source.synthetic;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.data.source.Partitions;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;

/**
 * Examples drawn from a known distribution: example id is a pure function of (seed, id), so splits
 * of one dataset never share an example by accident of their seed.
 *
 * @param count how many
 */
public record Synthetic(Distribution distribution, long count, long seed) implements Source {
  private static final long serialVersionUID = 1L;
  private static final byte[] NOTHING = {};

  public Synthetic {
    if (count < 1) {
      throw new AncestralException(ErrorCode.SPEC, "count is " + count + "; it must be at least 1");
    }
  }

  @Override
  public boolean readsFiles() {
    return false;
  }

  @Override
  public Survey survey(SourceContext context) {
    return new Survey() {
      @Override
      public long examples() {
        return count;
      }

      @Override
      public EventSpec event() {
        return distribution.event();
      }

      @Override
      public String largestAt() {
        return distribution.toString();
      }

      @Override
      public OptionalDouble entropyNats() {
        return distribution.entropyNats();
      }

      @Override
      public Extraction extract(EventSpec event) {
        return Synthetic.this.extract(context);
      }
    };
  }

  private Extraction extract(SourceContext context) {
    // Only positions go through the shuffle; examples are drawn where they are written.
    Partitions<RawExample> positions =
        context
            .positions(count)
            .map(
                (p, some) ->
                    StreamSupport.stream(
                            Spliterators.spliteratorUnknownSize(some, Spliterator.ORDERED), false)
                        .map(
                            position ->
                                new RawExample(position, NOTHING, Example.NONE, Example.NONE))
                        .iterator());
    Distribution drawn = distribution;
    RandomKey key = RandomKey.of(seed).fold("synthetic");
    return new Extraction(positions, (id, raw) -> drawn.draw(id, key.fold(id)), drawn.event());
  }

  @Override
  public String toString() {
    return "synthetic " + distribution + ", " + count + " by seed " + seed;
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "synthetic";
    }

    @Override
    public Source read(Settings settings) {
      return new Synthetic(
          distribution(settings),
          settings.integer("count", null, 1, Long.MAX_VALUE),
          settings.integer("seed", 0L, Long.MIN_VALUE, Long.MAX_VALUE));
    }

    private static Distribution distribution(Settings settings) {
      String kind =
          settings.text(
              "kind", "digits", "digits", "bernoulli", "markov", "parity", "gaussian", "customers");
      return switch (kind) {
        case "bernoulli" -> {
          List<Double> probabilities = settings.numbers("probabilities", List.of(), 0, 1);
          int size = settings.count("size", 16, 1, 1 << 20);
          yield probabilities.isEmpty() ? Bernoulli.rising(size) : new Bernoulli(probabilities);
        }
        case "markov" -> markov(settings);
        case "parity" -> new Parity(settings.count("size", 8, 2, 1 << 20));
        case "gaussian" ->
            new Gaussian(
                settings.count("size", 8, 1, 1 << 20),
                settings.number("correlation", 0.5, -0.999999, 0.999999));
        case "customers" -> new Customers();
        default -> new Digits();
      };
    }

    private static Markov markov(Settings settings) {
      boolean learnedEnd = settings.text("end", "given", "given", "learned").equals("learned");
      boolean sequence = settings.flag("sequence", learnedEnd);
      if (learnedEnd && !sequence) {
        settings.wrong("sequence", false, "true or left out, as end is learned");
      }
      return new Markov(
          settings.count("levels", 2, 2, Payload.MOST_LEVELS - (learnedEnd ? 1 : 0)),
          settings.count("length", 16, 1, 1 << 20),
          settings.number("stay", 0.9, 0, 1),
          sequence || learnedEnd,
          learnedEnd);
    }
  }
}
