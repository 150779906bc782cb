package dev.ancestral.model;

import dev.ancestral.Refusal;
import dev.ancestral.Suggestion;
import dev.ancestral.model.gan.GanFamily;
import dev.ancestral.model.hmm.HmmFamily;
import dev.ancestral.model.naivebayes.NaiveBayesFamily;
import dev.ancestral.model.pixelcnn.PixelCnnFamily;
import dev.ancestral.model.vae.VaeFamily;
import dev.ancestral.model.wavenet.WaveNetFamily;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Families by the name that {@code model.family} gives: a built-in one or a class. */
public final class Families {
  // Suppliers, so that naming one family loads no class (nor native library) of another.
  private static final Map<String, Supplier<Family>> BUILT_IN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("gan", GanFamily::new),
              Map.entry("hmm", HmmFamily::new),
              Map.entry("naive-bayes", NaiveBayesFamily::new),
              Map.entry("pixelcnn", PixelCnnFamily::new),
              Map.entry("vae", VaeFamily::new),
              Map.entry("wavenet", WaveNetFamily::new)));

  private Families() {}

  /** The names of the built-in families. */
  public static Set<String> names() {
    return Collections.unmodifiableSet(BUILT_IN.keySet());
  }

  /**
   * The family of that name; a name with a dot is a class on the class path.
   *
   * @throws Refusal (SPEC) if there is none, or the class is no family or cannot be made
   */
  public static Family named(String name) {
    Supplier<Family> builtIn = BUILT_IN.get(name);
    if (builtIn != null) {
      return builtIn.get();
    }
    if (name.indexOf('.') < 0) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "model.family is '"
              + name
              + "'; it must be one of "
              + String.join(", ", BUILT_IN.keySet())
              + ", or the full name of a class (package and all) brought by --jars"
              + Suggestion.question(name, BUILT_IN.keySet()));
    }
    return ofClass(name);
  }

  /**
   * The mathematics of the family of that name for these settings and this event.
   *
   * @throws Refusal (SPEC) if there is no such family; (MISMATCH) if it cannot model such an event,
   *     also because elements are missing and it is not {@link Marginalising}
   */
  public static Definition define(String name, Settings settings, EventSpec event) {
    Definition definition = named(name).define(settings, event);
    requireMissing(name, definition, event);
    return definition;
  }

  /**
   * Checks that a definition can do with the elements that are missing.
   *
   * @param name of the family, for the message
   * @throws Refusal (MISMATCH) if it needs all elements
   */
  public static void requireMissing(String name, Definition definition, EventSpec event) {
    if (event.missing() && !(definition instanceof Marginalising)) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          name
              + " needs all elements of an example, but the data have "
              + event.describe()
              + ": choose naive-bayes or hmm, which sum over what is missing, or fill the gaps and"
              + " prepare the data without 'missing'");
    }
  }

  private static Family ofClass(String name) {
    Class<?> type;
    try {
      // The context class loader is the one that sees what spark-submit --jars brought.
      type = Class.forName(name, true, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException e) {
      throw refusal(
          name, "is on no class path; bring the jar that holds it by --jars, and mind spelling", e);
    } catch (LinkageError e) {
      throw refusal(
          name, "cannot be loaded (" + e + "); bring the jars it needs by --jars as well", e);
    }
    if (!Family.class.isAssignableFrom(type)) {
      throw refusal(name, "is no family; it must implement " + Family.class.getName(), null);
    }
    if (!Modifier.isPublic(type.getModifiers()) || Modifier.isAbstract(type.getModifiers())) {
      throw refusal(name, "cannot be made; it must be public and not abstract", null);
    }
    try {
      return (Family) type.getConstructor().newInstance();
    } catch (NoSuchMethodException e) {
      throw refusal(name, "has no public constructor without arguments; add one", e);
    } catch (InvocationTargetException e) {
      throw refusal(
          name, "failed in its constructor with " + e.getCause() + "; mend it", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw refusal(name, "cannot be made: " + e, e);
    }
  }

  private static Refusal refusal(String name, String what, Throwable cause) {
    return new Refusal(
        Refusal.Kind.SPEC, "model.family names the class " + name + ", which " + what, cause);
  }
}
