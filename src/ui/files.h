/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's own folders, by the XDG base directory specification. */
#ifndef KD_UI_FILES_H
#define KD_UI_FILES_H

enum user_folder {
	USER_CONFIG, /* $XDG_CONFIG_HOME/kdview, ~/.config/kdview */
	USER_STATE,  /* $XDG_STATE_HOME/kdview, ~/.local/state/kdview */
};

/*
 * FOLDER/SUB/NAME (SUB NULL: FOLDER/NAME), its folders made (0700) if they are USER_STATE's;
 * owned by the caller; NULL: there is no such place.
 */
char *user_file(enum user_folder folder, const char *sub, const char *name);

#endif
