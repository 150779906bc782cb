package dev.ancestral.model.wavenet;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.wavenet.WaveNet.WaveNetFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/** Networks and sequences of a few numbers. */
final class SmallWaveNets {
  private SmallWaveNets() {}

  static EventSpec sequences(int levels) {
    return new EventSpec(List.of(1), new EventSpec.Discrete(levels), true, 0, List.of(), 0);
  }

  /** Four channels and two layers, but for what is said otherwise. */
  static WaveNet of(EventSpec event, Map<String, Object> changes) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("channels", 4);
    settings.put("skipChannels", 5);
    settings.put("dilations", List.of(1, 2));
    settings.put("chunk", 4);
    settings.putAll(changes);
    return (WaveNet) new WaveNetFamily().define(Settings.of(settings), event);
  }

  /** Parameters at random, none of them zero. */
  static BoundParameters parameters(Engine engine, WaveNet network) {
    BoundParameters parameters = engine.bind(network.parameters());
    float[] values = new float[Math.toIntExact(network.parameters().size())];
    RandomKey.of(4).fillNormal(0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.5f;
    }
    parameters.values().write(0, FloatBuffer.wrap(values));
    return parameters;
  }

  static SampleRequest steps(int steps) {
    return new SampleRequest(OptionalInt.empty(), OptionalInt.of(steps), 1);
  }

  /** Levels at random; sequences of these lengths, labels in turn where the event has them. */
  static Batch random(EventSpec event, int... lengths) {
    int steps = 0;
    for (int length : lengths) {
      steps = Math.max(steps, length);
    }
    float[] values = new float[lengths.length * steps];
    int[] labels = event.hasLabels() ? new int[lengths.length] : null;
    for (int i = 0; i < lengths.length; i++) {
      for (int t = 0; t < lengths[i]; t++) {
        values[i * steps + t] = RandomKey.of(6).fold(i).below(t, event.levels());
      }
      if (labels != null) {
        labels[i] = i % event.classes();
      }
    }
    return new Batch(event, LongStream.range(0, lengths.length).toArray(), values, labels, lengths);
  }
}
