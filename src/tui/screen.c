// SPDX-License-Identifier: GPL-3.0-or-later
/* The terminal: see screen.h. Colours: screen_paint.c. Other programs on it: screen_shell.c. */
#include "tui/screen_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "tui/terminal.h"
#include "ui/signals.h"

#define ESCAPE_MS 50 /* between an Escape and the rest of a key: slow lines need it */

/* For handlers, and for the end of a program that faults: the terminal is one. */
static atomic_bool resized, stopped, continued;
static atomic_int event_fd = -1, death_fd = -1;
static struct termios death_mode;
static char death_words[128];

static void on_event(int signo)
{
	const uint64_t one = 1;
	int error = errno;

	atomic_store(signo == SIGWINCH ? &resized : signo == SIGCONT ? &continued : &stopped, true);
	(void)!write(atomic_load(&event_fd), &one, sizeof(one));
	errno = error;
}

/* Give the terminal back with what a handler may use. */
static void last_rites(void)
{
	int fd = atomic_load(&death_fd);

	if (fd < 0)
		return;
	(void)!write(fd, death_words, strlen(death_words));
	tcsetattr(fd, TCSANOW, &death_mode);
}

/* Taking and giving back -------------------------------------------------------- */

static void prepare_death(struct screen *s)
{
	terminal_farewell(death_words, sizeof(death_words));
	death_mode = s->before;
	atomic_store(&death_fd, s->tty);
}

static void catch_events(struct screen *s, bool on)
{
	static const int events[] = { SIGWINCH, SIGTSTP, SIGCONT };
	struct sigaction sa = { .sa_handler = on ? on_event : SIG_DFL, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	atomic_store(&event_fd, on ? s->events : -1);
	for (size_t i = 0; i < KD_ARRAY_SIZE(events); i++)
		sigaction(events[i], &sa, NULL);
	signals_watch(on ? s->events : -1, on ? last_rites : NULL);
	if (!on)
		atomic_store(&death_fd, -1);
}

/* stdout and stderr into a pipe, which never makes who prints wait. */
static int redirect(struct screen *s, struct kd_err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return kd_fail(err, KD_IO, "cannot make a pipe: %s", strerror(errno));
	s->messages = fds[0];
	s->message_in = fds[1];
	fflush(stdout);
	fflush(stderr);
	if (dup2(fds[1], STDOUT_FILENO) < 0 || dup2(fds[1], STDERR_FILENO) < 0)
		return kd_fail(err, KD_IO, "cannot redirect: %s", strerror(errno));
	return 0;
}

static int open_files(struct screen *s, struct kd_err *err)
{
	s->tty = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	s->tty_in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	s->old_err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	s->events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->tty < 0 || s->tty_in < 0 || s->events < 0)
		return kd_fail(err, KD_IO, "cannot use the terminal: %s", strerror(errno));
	s->out = fdopen(s->tty, "w");
	s->in = fdopen(s->tty_in, "r");
	if (!s->out || !s->in)
		return kd_nomem(err);
	tcgetattr(s->tty, &s->before);
	return redirect(s, err);
}

static int start_curses(struct screen *s, struct kd_err *err)
{
	setlocale(LC_CTYPE, "");
	/* Before newterm(), which would set handlers of its own for what it finds unset. */
	catch_events(s, true);
	s->curses = newterm(NULL, s->out, s->in);
	if (!s->curses)
		return kd_fail(err, KD_UNSUPPORTED, "the terminal cannot be used");
	prepare_death(s);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	meta(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	if (!getenv("ESCDELAY"))
		set_escdelay(ESCAPE_MS);
	screen_colors(s);
	return 0;
}

int screen_open(bool no_color, struct screen **out, struct kd_err *err)
{
	struct screen *s = calloc(1, sizeof(*s));
	const char *no = getenv("NO_COLOR");
	int ret;

	if (!s)
		return kd_nomem(err);
	s->tty = s->tty_in = s->old_err = s->events = s->messages = s->message_in = -1;
	s->mono = no_color || (no && *no);
	ret = open_files(s, err);
	if (!ret)
		ret = start_curses(s, err);
	if (ret) {
		screen_close(s);
		return ret;
	}
	*out = s;
	return 0;
}

/* What is still in the pipe goes where it was meant to go. */
static void flush_messages(struct screen *s)
{
	char buf[4096];
	ssize_t n;

	fflush(stdout);
	fflush(stderr);
	dup2(s->tty, STDOUT_FILENO);
	dup2(s->old_err, STDERR_FILENO);
	if (s->partial_len)
		(void)!write(STDERR_FILENO, s->partial, s->partial_len);
	while ((n = read(s->messages, buf, sizeof(buf))) > 0)
		(void)!write(STDERR_FILENO, buf, (size_t)n);
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->curses) {
		if (!isendwin())
			endwin();
		delscreen(s->curses);
	}
	catch_events(s, false);
	if (s->messages >= 0)
		flush_messages(s);
	closep(&s->messages);
	closep(&s->message_in);
	closep(&s->events);
	closep(&s->old_err);
	if (s->out)
		fclose(s->out);
	else
		closep(&s->tty);
	if (s->in)
		fclose(s->in);
	else
		closep(&s->tty_in);
	free(s);
}

/* Events ------------------------------------------------------------------------ */

void screen_size(const struct screen *s, unsigned *rows, unsigned *columns)
{
	(void)s;
	*rows = LINES > 0 ? (unsigned)LINES : 1;
	*columns = COLS > 0 ? (unsigned)COLS : 1;
}

int screen_key_fd(const struct screen *s)
{
	return s->tty_in;
}

int screen_event_fd(const struct screen *s)
{
	return s->events;
}

int screen_message_fd(const struct screen *s)
{
	return s->messages;
}

void screen_fit(struct screen *s)
{
	struct winsize ws;

	if (!ioctl(s->tty, TIOCGWINSZ, &ws) && ws.ws_row && ws.ws_col)
		resizeterm(ws.ws_row, ws.ws_col);
}

void screen_repaint(struct screen *s)
{
	(void)s;
	clearok(curscr, TRUE);
}

void screen_suspend(struct screen *s)
{
	def_prog_mode();
	endwin();
	/* All of us: gdb is in a session of its own, and waits for our words anyway. */
	kill(getpid(), SIGSTOP);
	reset_prog_mode();
	atomic_store(&continued, false);
	screen_fit(s);
	screen_repaint(s);
	refresh();
}

void screen_events(struct screen *s)
{
	uint64_t n;

	(void)!read(s->events, &n, sizeof(n));
	if (atomic_exchange(&stopped, false))
		screen_suspend(s);
	/* Stopped by SIGSTOP, the shell may have changed the terminal's mode. */
	if (atomic_exchange(&continued, false)) {
		reset_prog_mode();
		screen_fit(s);
		screen_repaint(s);
	}
	if (atomic_exchange(&resized, false))
		screen_fit(s);
}

/* The first line of what was printed so far, taken away. */
static char *take_line(struct screen *s)
{
	static const char prefix[] = "kdview: ";
	char *lf = memchr(s->partial, '\n', s->partial_len);
	size_t len = lf ? (size_t)(lf - s->partial) : s->partial_len, used = len + (lf != NULL);
	const char *from = s->partial;
	char *line;

	if (!lf && s->partial_len < sizeof(s->partial))
		return NULL;
	if (len > strlen(prefix) && !memcmp(from, prefix, strlen(prefix))) {
		from += strlen(prefix);
		len -= strlen(prefix);
	}
	line = strndup(from, len);
	s->partial_len -= used;
	memmove(s->partial, s->partial + used, s->partial_len);
	return line;
}

char *screen_message(struct screen *s)
{
	char *line;
	ssize_t n;

	fflush(stdout);
	for (;;) {
		line = take_line(s);
		if (line)
			return line;
		n = read(s->messages, s->partial + s->partial_len,
			 sizeof(s->partial) - s->partial_len);
		if (n <= 0)
			return NULL;
		s->partial_len += (size_t)n;
	}
}

/* Keys -------------------------------------------------------------------------- */

static const struct {
	int curses, ours;
} special[] = {
	{ KEY_UP, KEYS_UP },	       { KEY_DOWN, KEYS_DOWN },
	{ KEY_LEFT, KEYS_LEFT },       { KEY_RIGHT, KEYS_RIGHT },
	{ KEY_PPAGE, KEYS_PAGE_UP },   { KEY_NPAGE, KEYS_PAGE_DOWN },
	{ KEY_HOME, KEYS_HOME },       { KEY_END, KEYS_END },
	{ KEY_BTAB, KEYS_BACKTAB },    { KEY_BACKSPACE, KEYS_BACKSPACE },
	{ KEY_F(1), KEYS_F1 },	       { KEY_ENTER, KEYS_ENTER },
	{ KEY_HELP, KEYS_F1 },	       { KEY_DC, KEYS_OTHER },
};

int screen_key(struct screen *s)
{
	int c = getch();

	(void)s;
	if (c == ERR)
		return 0;
	if (c == 0x7f || c == 8)
		return KEYS_BACKSPACE;
	if (c <= 0xff)
		return c ? c : KEYS_OTHER;
	for (size_t i = 0; i < KD_ARRAY_SIZE(special); i++)
		if (special[i].curses == c)
			return special[i].ours;
	return KEYS_OTHER;
}

int screen_byte(struct screen *s)
{
	int c = getch();

	(void)s;
	return c == ERR || c > 0xff ? -1 : c;
}

void screen_want_bytes(struct screen *s, bool bytes)
{
	(void)s;
	keypad(stdscr, !bytes);
}
