package dev.ancestral.model;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Services;
import dev.ancestral.Suggestion;
import dev.ancestral.config.Settings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Families by the name that {@code model.family} gives: a registered one or a class.
 *
 * <p>A jar registers its families in {@code META-INF/services/dev.ancestral.model.Family}, as
 * {@link ServiceLoader} reads it.
 */
public final class Families {
  private Families() {}

  /**
   * The names of the registered families: the built-in ones and those of jars that {@code --jars}
   * brought.
   *
   * @throws AncestralException (SPEC) if a jar registers what is no family, or two families of one
   *     name
   */
  public static Set<String> names() {
    return Collections.unmodifiableSet(registered().keySet());
  }

  /**
   * The family of that name; a name with a dot is a class on the class path.
   *
   * @throws AncestralException (SPEC) if there is none, or the class is no family or cannot be made
   */
  public static Family named(String name) {
    SortedMap<String, Family> registered = registered();
    Family family = registered.get(name);
    if (family != null) {
      return family;
    }
    if (name.indexOf('.') < 0) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "model.family is '"
              + name
              + "'; it must be one of "
              + String.join(", ", registered.keySet())
              + ", or the full name of a class (package and all) brought by --jars"
              + Suggestion.question(name, registered.keySet()));
    }
    return ofClass(name);
  }

  /**
   * The mathematics of the family of that name for these settings and this event.
   *
   * @throws AncestralException (SPEC) if there is no such family, or sizes are too large to be
   *     counted; (MISMATCH) if it cannot model such an event, also because elements are missing and
   *     it is not {@link Marginalising}
   */
  public static Definition define(String name, Settings settings, EventSpec event) {
    Definition definition;
    try {
      definition = named(name).define(settings, event);
    } catch (ArithmeticException beyond) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a model of family "
              + name
              + " for "
              + event.describe()
              + " has sizes that are too large to be counted ("
              + beyond.getMessage()
              + "); take smaller ones",
          beyond);
    }
    requireRows(name, definition, event);
    requireMissing(name, definition, event);
    requireEnds(name, definition, event);
    return definition;
  }

  /**
   * Checks that a definition can do with the elements that are missing.
   *
   * @param name of the family, for the message
   * @throws AncestralException (MISMATCH) if it needs all elements
   */
  public static void requireMissing(String name, Definition definition, EventSpec event) {
    if (event.missing() && !(definition instanceof Marginalising)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          name
              + " needs all elements of an example, but the data have "
              + event.describe()
              + ": choose naive-bayes, tree or hmm, which sum over what is missing, or fill the"
              + " gaps and prepare the data without 'missing'");
    }
  }

  /**
   * Checks that a definition models the end of sequences where it is learned.
   *
   * @throws AncestralException (MISMATCH) if it takes their length as given
   */
  static void requireEnds(String name, Definition definition, EventSpec event) {
    if (event.learnedEnd() && !(definition instanceof Definition.LearnsEnds)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          name
              + " models sequences given their length, but the data are "
              + event.describe()
              + ": choose wavenet or hmm, or prepare the data without 'end'");
    }
  }

  private static void requireRows(String name, Definition definition, EventSpec event) {
    if (event.isRows() && !(definition instanceof ModelsRows)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          name
              + " models arrays of numbers, but the data are "
              + event.describe()
              + ": choose naive-bayes, tree, vae or, for sequences of rows, hmm");
    }
  }

  private static SortedMap<String, Family> registered() {
    return new TreeMap<>(Services.byName(Family.class, Family::name, "a family", "families"));
  }

  private static Family ofClass(String name) {
    Class<?> type;
    try {
      // The context class loader is the one that sees what spark-submit --jars brought. A file of
      // others may give the name: until the class is known to be a family, none of its code runs.
      type = Class.forName(name, false, Thread.currentThread().getContextClassLoader());
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
    } catch (LinkageError e) {
      throw refusal(
          name, "cannot be loaded (" + e + "); bring the jars it needs by --jars as well", e);
    } catch (ReflectiveOperationException e) {
      throw refusal(name, "cannot be made: " + e, e);
    }
  }

  private static AncestralException refusal(String name, String what, Throwable cause) {
    return new AncestralException(
        ErrorCode.SPEC, "model.family names the class " + name + ", which " + what, cause);
  }
}
