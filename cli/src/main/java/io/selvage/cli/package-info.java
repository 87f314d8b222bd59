/** The command line of Selvage: puts the rooms of the house together. */
@NullMarked
package io.selvage.cli;

import org.jspecify.annotations.NullMarked;
