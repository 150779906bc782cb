package dev.ancestral.job.generate;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Sound as 16-bit PCM, one channel, at the event's sample rate. Codes are µ-law: with f = 2 · code
 * / (levels − 1) − 1, the amplitude is sign(f) ((1 + µ)^|f| − 1) / µ where µ = levels − 1 (ITU-T
 * G.711, continuous form); real numbers are amplitudes themselves.
 */
public record WavFormat() implements SampleFormat {
  private static final long serialVersionUID = 1L;
  private static final int HEADER = 44;
  private static final int LOUDEST = 32767;

  @Override
  public String name() {
    return "wav";
  }

  @Override
  public String subject() {
    return "sound";
  }

  @Override
  public boolean suits(EventSpec event) {
    return event.sampleRate() > 0 && event.size() == 1;
  }

  @Override
  public String extension() {
    return "wav";
  }

  @Override
  public byte[] encode(Batch batch, int row) {
    EventSpec event = batch.event();
    int count = Math.toIntExact(batch.elements(row));
    int bytes = 2 * count;
    ByteBuffer wav = ByteBuffer.allocate(HEADER + bytes).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(ascii("RIFF")).putInt(HEADER - 8 + bytes).put(ascii("WAVE"));
    wav.put(ascii("fmt ")).putInt(16).putShort((short) 1).putShort((short) 1);
    wav.putInt(event.sampleRate()).putInt(2 * event.sampleRate());
    wav.putShort((short) 2).putShort((short) 16);
    wav.put(ascii("data")).putInt(bytes);
    int from = row * batch.steps();
    for (int i = 0; i < count; i++) {
      double amplitude = amplitude(event, batch.values()[from + i]);
      wav.putShort((short) Math.round(LOUDEST * Math.max(-1, Math.min(1, amplitude))));
    }
    return wav.array();
  }

  static double amplitude(EventSpec event, float value) {
    if (!event.isDiscrete()) {
      return value;
    }
    double mu = event.levels() - 1;
    double f = 2 * value / mu - 1;
    return Math.signum(f) * (Math.pow(1 + mu, Math.abs(f)) - 1) / mu;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
