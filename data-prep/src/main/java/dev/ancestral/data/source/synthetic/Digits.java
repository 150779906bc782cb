package dev.ancestral.data.source.synthetic;

import dev.ancestral.data.Example;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.util.OptionalDouble;

/**
 * Handwritten-looking digits, [28, 28, 1] with 256 levels and the digit as label: strokes along
 * smooth curves with jittered control points, slanted, turned, scaled and shifted at random, drawn
 * with a pen of random width and anti-aliased edges.
 */
public record Digits() implements Distribution {
  private static final long serialVersionUID = 1L;
  private static final int SIZE = 28;
  private static final int CLASSES = 10;
  // Straight pieces between two control points.
  private static final int PIECES = 8;
  private static final double WIDTH = 16.5;
  private static final double HEIGHT = 19.5;

  @Override
  public EventSpec event() {
    return EventSpec.discrete(256, SIZE, SIZE, 1).withClasses(CLASSES);
  }

  @Override
  public OptionalDouble entropyNats() {
    return OptionalDouble.empty();
  }

  @Override
  public Example draw(long id, RandomKey key) {
    int digit = (int) key.below(0, CLASSES);
    double[][][] ways = DigitStrokes.of(digit);
    double[][] strokes = ways[(int) key.below(1, ways.length)];
    Hand hand = Hand.of(key.fold("hand"));
    RandomKey jitter = key.fold("jitter");
    double[] ink = new double[SIZE * SIZE];
    for (int s = 0; s < strokes.length; s++) {
      float[] normal = new float[strokes[s].length];
      jitter.fold(s).fillNormal(0, normal, 0, normal.length);
      double[] points = strokes[s].clone();
      for (int i = 0; i < points.length; i++) {
        points[i] += hand.unsteadiness() * normal[i];
      }
      stroke(points, hand, ink);
    }
    byte[] payload = new byte[ink.length];
    for (int i = 0; i < ink.length; i++) {
      payload[i] = (byte) Math.round(255 * ink[i]);
    }
    return new Example(id, payload, digit, Example.NONE);
  }

  /**
   * How one digit is written.
   *
   * @param xx from strokes to pixels: x = xx u + xy v + dx, y = yx u + yy v + dy
   * @param unsteadiness standard deviation of control points, in units of the digit
   * @param pen half the width of the line, in pixels
   * @param taper how much thinner the pen is at the end of a stroke
   */
  private record Hand(
      double xx,
      double xy,
      double yx,
      double yy,
      double dx,
      double dy,
      double unsteadiness,
      double pen,
      double taper) {

    static Hand of(RandomKey key) {
      float[] z = new float[7];
      key.fillNormal(0, z, 0, z.length);
      double turn = 0.1 * z[0];
      double slant = 0.1 + 0.18 * z[1];
      double width = WIDTH * StrictMath.exp(0.1 * z[2]);
      double height = HEIGHT * Math.min(1.12, StrictMath.exp(0.06 * z[3]));
      double cos = StrictMath.cos(turn);
      double sin = StrictMath.sin(turn);
      // Turn · slant · scale; v grows downwards, so a forward slant pulls the lower part left.
      double xy = cos * -slant * height - sin * height;
      double yy = sin * -slant * height + cos * height;
      double pen = 0.75 + 0.8 * key.fold("pen").uniform(0);
      return new Hand(
          cos * width,
          xy,
          sin * width,
          yy,
          SIZE / 2.0 + 0.7 * z[4],
          SIZE / 2.0 + 0.7 * z[5],
          0.032,
          pen,
          0.15 + 0.1 * z[6]);
    }

    double x(double u, double v) {
      return xx * (u - 0.5) + xy * (v - 0.5) + dx;
    }

    double y(double u, double v) {
      return yx * (u - 0.5) + yy * (v - 0.5) + dy;
    }
  }

  /** Follows a Catmull-Rom curve through the points u₀, v₀, u₁, v₁, ... */
  private static void stroke(double[] points, Hand hand, double[] ink) {
    int last = points.length / 2 - 1;
    double fromX = hand.x(points[0], points[1]);
    double fromY = hand.y(points[0], points[1]);
    for (int p = 0; p < last; p++) {
      for (int k = 1; k <= PIECES; k++) {
        double t = (double) k / PIECES;
        double u = curve(points, p, last, t, 0);
        double v = curve(points, p, last, t, 1);
        double x = hand.x(u, v);
        double y = hand.y(u, v);
        double pen = hand.pen() * (1 - hand.taper() * (p + t) / last);
        line(fromX, fromY, x, y, pen, ink);
        fromX = x;
        fromY = y;
      }
    }
  }

  private static double curve(double[] points, int p, int last, double t, int axis) {
    double a = points[2 * Math.max(0, p - 1) + axis];
    double b = points[2 * p + axis];
    double c = points[2 * (p + 1) + axis];
    double d = points[2 * Math.min(last, p + 2) + axis];
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }

  /** Inks pixels by how much of them lies within the pen's width of a straight piece. */
  private static void line(double x0, double y0, double x1, double y1, double pen, double[] ink) {
    double reach = pen + 0.5;
    int left = (int) Math.max(0, Math.floor(Math.min(x0, x1) - reach));
    int right = (int) Math.min(SIZE - 1, Math.ceil(Math.max(x0, x1) + reach));
    int top = (int) Math.max(0, Math.floor(Math.min(y0, y1) - reach));
    int bottom = (int) Math.min(SIZE - 1, Math.ceil(Math.max(y0, y1) + reach));
    double dx = x1 - x0;
    double dy = y1 - y0;
    double squared = Math.max(1e-12, dx * dx + dy * dy);
    for (int row = top; row <= bottom; row++) {
      for (int column = left; column <= right; column++) {
        double px = column + 0.5 - x0;
        double py = row + 0.5 - y0;
        double along = Math.max(0, Math.min(1, (px * dx + py * dy) / squared));
        double offX = px - along * dx;
        double offY = py - along * dy;
        double cover = Math.min(1, reach - Math.sqrt(offX * offX + offY * offY));
        int i = row * SIZE + column;
        ink[i] = Math.max(ink[i], cover);
      }
    }
  }

  @Override
  public String toString() {
    return "digits";
  }
}
