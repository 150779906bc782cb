/** Images in PNG and JPEG files. */
package dev.ancestral.data.source.image;
