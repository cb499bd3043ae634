//! The search method: its threads draw pieces of the range, and so does a lane outside of the capsule.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use inos_sdk::{Failure, Halt, JobContext};

use crate::generated::mining_capnp::{self as schema, search_params, search_result};
use crate::lane_board::{Answer, LaneBoard, Slice};
use crate::{Algorithm, DigestOrder, Error, NonceFormat, NoncePlace, Search, Target, nonce_count};

/// How many 64-byte blocks are hashed between two looks: some 70 µs, as the last of
/// many threads shall soon hear of a cancel, too.
const PIECE_BLOCKS: u64 = 512;
/// The fewest nonces drawn at once, however long the message.
const SHORTEST_PIECE: u64 = 16;

impl TryFrom<schema::HashAlgorithm> for Algorithm {
    type Error = Error;

    fn try_from(algorithm: schema::HashAlgorithm) -> Result<Self, Error> {
        match algorithm {
            schema::HashAlgorithm::Sha256 => Ok(Self::Sha256),
            schema::HashAlgorithm::Sha256d => Ok(Self::Sha256d),
            schema::HashAlgorithm::Blake3 => Ok(Self::Blake3),
            schema::HashAlgorithm::Sha512 => Err(Error::SearchAlgorithm),
        }
    }
}

impl From<schema::DigestOrder> for DigestOrder {
    fn from(order: schema::DigestOrder) -> Self {
        match order {
            schema::DigestOrder::BigEndian => Self::BigEndian,
            schema::DigestOrder::LittleEndian => Self::LittleEndian,
        }
    }
}

impl From<schema::NonceFormat> for NonceFormat {
    fn from(format: schema::NonceFormat) -> Self {
        match format {
            schema::NonceFormat::Uint32LittleEndian => Self::Uint32LittleEndian,
            schema::NonceFormat::Uint32BigEndian => Self::Uint32BigEndian,
            schema::NonceFormat::Uint64LittleEndian => Self::Uint64LittleEndian,
            schema::NonceFormat::Uint64BigEndian => Self::Uint64BigEndian,
            schema::NonceFormat::Decimal => Self::Decimal,
        }
    }
}

/// What a search job asks for.
struct SearchJob<'m> {
    search: Search,
    mode: schema::SearchMode,
    first: u64,
    /// How many nonces the range has.
    count: u64,
    /// Whether the capsule's threads search too.
    on_cpu: bool,
    board: Option<LaneBoard<'m>>,
}

fn parse<'m>(job: &JobContext<'m>) -> Result<SearchJob<'m>, Halt> {
    let params = job.params::<search_params::Owned>()?;
    let first = params.get_first_nonce();
    let place = NoncePlace {
        offset: params.get_nonce_offset() as usize,
        format: params.get_nonce_format()?.into(),
    };
    let search = Search::new(
        params.get_algorithm()?.try_into()?,
        params.get_header()?,
        place,
        Target::between(params.get_lowest()?, params.get_target()?)?,
        params.get_digest_order()?.into(),
    )?;
    let mut board = None;
    if params.has_lane_board() {
        let words = job.shared_words(params.get_lane_board()?)?;
        board = Some(LaneBoard::new(words).ok_or(Error::NoGpu)?);
    }
    Ok(SearchJob {
        search,
        mode: params.get_mode()?,
        first,
        count: nonce_count(first, params.get_last_nonce())?,
        on_cpu: params.get_on_cpu(),
        board,
    })
}

/// One thread's part. All draw pieces of the range in ascending order, and the shared word keeps the lowest nonce
/// found, counted from the range's first, as `u64::MAX` less it so that 0 means none. Nobody draws further when its
/// next piece lies above that, or as soon as there is any, as the mode says.
pub(super) fn search(job: &JobContext<'_>) -> Result<(), Halt> {
    let part = Part {
        job,
        task: &parse(job)?,
        seen: Cell::new(u64::MAX),
        unpaid: Cell::new(None),
    };
    let outcome = part.work();
    if let Some(board) = part.task.board {
        // What the lane hasn't begun it never will. Whoever granted it is still here, so all of it is found.
        job.refund(board.take_back());
        job.signal(board.answer());
    }
    outcome
}

/// Makes the result: for the last thread.
pub(super) fn finish_search(job: &JobContext<'_>) -> Result<(), Halt> {
    let mut nonce = None;
    if let Some(place) = lowest(job) {
        let SearchJob { search, first, .. } = parse(job)?;
        if let Some(found) = search.scan(first + place, 1) {
            job.write_output(&found.digest)?;
            nonce = Some(found.nonce);
        }
    }
    job.write_result::<search_result::Owned>(|mut result| {
        result.set_found(nonce.is_some());
        result.set_nonce(nonce.unwrap_or_default());
    })?;
    Ok(())
}

/// The lowest nonce found so far, counted from the range's first.
fn lowest(job: &JobContext<'_>) -> Option<u64> {
    match job.shared().load(Ordering::SeqCst) {
        0 => None,
        found => Some(u64::MAX - found),
    }
}

struct Part<'a, 'm> {
    job: &'a JobContext<'m>,
    task: &'a SearchJob<'m>,
    /// The lane's signal when this thread last served it.
    seen: Cell<u64>,
    /// The first nonce that this thread drew and the budget didn't cover, counted from the range's first.
    unpaid: Cell<Option<u64>>,
}

impl Part<'_, '_> {
    fn work(&self) -> Result<(), Halt> {
        if self.task.on_cpu {
            self.scan_pieces()?;
        }
        self.wait_for_lane()
    }

    /// Whether nonces from `start` on needn't be tried any more.
    fn is_answered(&self, start: u64) -> bool {
        let is_any = self.task.mode == schema::SearchMode::Any;
        lowest(self.job).is_some_and(|found| is_any || found < start)
    }

    /// Draws a piece of at most `wanted` nonces, counted from the range's first, and charges it. `None` at the
    /// range's end, or when the budget is spent.
    fn draw(&self, wanted: u64) -> Result<Option<Slice>, Halt> {
        if self.unpaid.get().is_some() || self.is_answered(self.job.pieces_taken()) {
            return Ok(None);
        }
        let first = self.job.next_pieces(wanted);
        if first >= self.task.count || self.is_answered(first) {
            return Ok(None);
        }
        let wanted = wanted.min(self.task.count - first);
        let count = match self.job.charge_up_to(wanted) {
            Err(Halt::OutOfBudget) => 0,
            granted => granted?,
        };
        self.unpaid.set((count < wanted).then_some(first + count));
        Ok((count > 0).then_some(Slice { first, count }))
    }

    /// How many nonces are tried between two looks.
    fn piece(&self) -> u64 {
        let blocks = self.task.search.blocks_per_nonce() as u64;
        (PIECE_BLOCKS / blocks).max(SHORTEST_PIECE)
    }

    fn scan_pieces(&self) -> Result<(), Halt> {
        loop {
            self.serve_lane()?;
            let allowed = self.take_allowed(self.piece());
            if allowed == 0 {
                if self.is_drawn() {
                    return Ok(());
                }
                self.rest(self.seen.get())?;
                continue;
            }
            let Some(slice) = self.draw(allowed)? else {
                return Ok(());
            };
            self.scan(slice);
        }
    }

    /// How many of `wanted` nonces this thread may try now; asks the host if none.
    fn take_allowed(&self, wanted: u64) -> u64 {
        let Some(board) = self.task.board else {
            return wanted;
        };
        let allowed = board.allowed();
        let taken = board.take_allowed(allowed, wanted);
        if taken == 0 && board.ask_beyond(allowed) {
            self.job.signal(board.answer());
        }
        taken
    }

    /// Sleeps a while, or until the host or the lane has said more than was `seen`.
    fn rest(&self, seen: u64) -> Result<(), Halt> {
        match self.task.board {
            Some(board) => self.job.pause(board.signal(), seen),
            None => Ok(()),
        }
    }

    /// Whether no thread will draw any more.
    fn is_drawn(&self) -> bool {
        let drawn = self.job.pieces_taken();
        drawn >= self.task.count || self.unpaid.get().is_some() || self.is_answered(drawn)
    }

    /// Tries a slice that is charged; gives back what it needn't have been.
    fn scan(&self, Slice { first, count }: Slice) {
        if let Some(found) = self.task.search.scan(self.task.first + first, count) {
            let place = found.nonce - self.task.first;
            self.job.refund(count - (place - first) - 1);
            self.keep(place);
        }
        self.job.progress(first + count, self.task.count);
    }

    fn keep(&self, place: u64) {
        let shared = self.job.shared();
        shared.fetch_max(u64::MAX - place, Ordering::SeqCst);
    }

    /// Until no answer of the lane's can change the result.
    fn wait_for_lane(&self) -> Result<(), Halt> {
        loop {
            self.serve_lane()?;
            let is_drawn = self.is_drawn();
            let board = self.task.board;
            if !board.is_some_and(|board| self.is_open(board, is_drawn)) {
                break;
            }
            self.rest(self.seen.get())?;
        }
        match self.unpaid.get() {
            Some(unpaid) if !self.is_answered(unpaid) => Err(Halt::OutOfBudget),
            _ => Ok(()),
        }
    }

    fn is_open(&self, board: LaneBoard<'_>, is_drawn: bool) -> bool {
        if !is_drawn {
            return true;
        }
        match lowest(self.job) {
            Some(_) if self.task.mode == schema::SearchMode::Any => false,
            Some(found) => board.is_awaited(self.task.first + found),
            None => board.is_awaited(u64::MAX),
        }
    }

    /// Answers what the lane has said since this thread last looked.
    fn serve_lane(&self) -> Result<(), Halt> {
        let Some(board) = self.task.board else {
            return Ok(());
        };
        let signal = board.signal().load(Ordering::SeqCst);
        if signal == self.seen.get() {
            return Ok(());
        }
        self.seen.set(signal);
        while let Some((held, slice, answer)) = board.take_answered() {
            let outcome = self.settle(board, slice, answer);
            board.free(held);
            outcome?;
        }
        if board.is_absent() && !self.task.on_cpu {
            return Err(no_gpu(&board.reason()));
        }
        while let Some((held, wanted)) = board.take_wanted() {
            let granted = self.draw(wanted.max(1));
            let first = self.task.first;
            let slice = granted.as_ref().ok().copied().flatten().map(|slice| Slice {
                first: first + slice.first,
                ..slice
            });
            board.grant(held, slice);
            granted?;
        }
        self.job.signal(board.answer());
        Ok(())
    }

    /// Takes what the lane says if the plain path confirms it, and otherwise tries the slice here.
    fn settle(&self, board: LaneBoard<'_>, slice: Slice, answer: Answer) -> Result<(), Halt> {
        let first = slice.first - self.task.first;
        if let Answer::Tried(found) = answer {
            self.job.progress(first + slice.count, self.task.count);
            if found >= slice.count {
                return Ok(());
            }
            if self.task.search.scan(slice.first + found, 1).is_some() {
                self.keep(first + found);
                return Ok(());
            }
        }
        if !self.task.on_cpu {
            return Err(no_gpu(match answer {
                Answer::Tried(_) => "it found a nonce that doesn't qualify",
                Answer::Failed => "it was lost",
            }));
        }
        board.disown(slice);
        let mut done = 0;
        while done < slice.count && !self.is_answered(first + done) {
            self.job.check()?;
            let seen = board.signal().load(Ordering::SeqCst);
            let count = self.take_allowed(self.piece().min(slice.count - done));
            if count == 0 {
                self.rest(seen)?;
                continue;
            }
            let first = first + done;
            self.scan(Slice { first, count });
            done += count;
        }
        self.job.refund(slice.count - done);
        Ok(())
    }
}

fn no_gpu(why: &str) -> Halt {
    let error = Error::NoGpu;
    Halt::Failed(Failure::new(error.code(), format!("{error}: {why}")))
}
