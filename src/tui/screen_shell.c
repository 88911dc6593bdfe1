// SPDX-License-Identifier: GPL-3.0-or-later
/* Other programs on the terminal, and its clipboard: see screen.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "tui/screen_priv.h"
#include "tui/terminal.h"
#include "ui/output.h"
#include "ui/signals.h"

#define COPY_MAX 65536 /* terminals take no more */

static pid_t start(const struct screen *s, const char *command, int in)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	signals_reset_child();
	if (dup2(in, STDIN_FILENO) < 0 || dup2(s->tty, STDOUT_FILENO) < 0 ||
	    dup2(s->tty, STDERR_FILENO) < 0)
		_exit(127);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* What the command printed is to be read before the screen covers it. */
static void await_enter(const struct screen *s)
{
	static const char words[] = "\n[Enter goes back to kdview] ";
	char c;

	(void)!write(s->tty, words, sizeof(words) - 1);
	while (read(s->tty_in, &c, 1) == 1 && c != '\n' && c != '\r')
		;
}

int screen_shell(struct screen *s, const char *command, const char *input, size_t len,
		 struct kd_err *err)
{
	_cleanup_(closep) int file = input ? output_memory_file(input, len) : -1;
	const struct sigaction ignore = { .sa_handler = SIG_IGN }, normal = { .sa_handler = SIG_DFL };
	struct sigaction old_int, old_quit, old_stop;
	int error = 0, status;
	pid_t pid;

	if (input && file < 0)
		return kd_fail(err, KD_IO, "cannot give it its input: %s", strerror(errno));
	def_prog_mode();
	endwin();
	/* ^C is the command's, which shares our terminal; ^Z stops both of us. */
	sigaction(SIGINT, &ignore, &old_int);
	sigaction(SIGQUIT, &ignore, &old_quit);
	sigaction(SIGTSTP, &normal, &old_stop);
	pid = start(s, command, input ? file : s->tty_in);
	if (pid < 0)
		error = errno;
	while (pid >= 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGQUIT, &old_quit, NULL);
	sigaction(SIGTSTP, &old_stop, NULL);
	if (!error)
		await_enter(s);
	reset_prog_mode();
	screen_fit(s);
	screen_repaint(s);
	refresh();
	return error ? kd_fail(err, KD_IO, "cannot start a shell: %s", strerror(error)) : 0;
}

static char *base64(const char *text, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = malloc((len + 2) / 3 * 4 + 1), *p = out;

	for (size_t i = 0; out && i < len; i += 3) {
		uint32_t v = (uint32_t)(uint8_t)text[i] << 16;

		if (i + 1 < len)
			v |= (uint32_t)(uint8_t)text[i + 1] << 8;
		if (i + 2 < len)
			v |= (uint8_t)text[i + 2];
		*p++ = digits[v >> 18];
		*p++ = digits[v >> 12 & 63];
		*p++ = i + 1 < len ? digits[v >> 6 & 63] : '=';
		*p++ = i + 2 < len ? digits[v & 63] : '=';
	}
	if (out)
		*p = '\0';
	return out;
}

bool screen_copy(struct screen *s, const char *text)
{
	size_t len = strlen(text);
	_cleanup_(freep) char *coded = NULL;

	/* Its description has to say so: others would print it. */
	if (!terminal_has_clipboard() || len > COPY_MAX)
		return false;
	coded = base64(text, len);
	if (!coded)
		return false;
	fprintf(s->out, "\033]52;c;%s\a", coded);
	fflush(s->out);
	return true;
}
